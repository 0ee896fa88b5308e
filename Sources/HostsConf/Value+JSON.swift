import Propel
import TOML

extension Value {
    /// A value that JSON cannot express.
    struct NotJSON: Error {
        let value: Value
    }

    /// Converts the value to JSON.
    ///
    /// - Throws: ``NotJSON`` for a date and for a number that is infinite or not a number.
    func json() throws(NotJSON) -> JSON {
        switch content {
        case .string(let value): return .string(value)
        case .integer(let value): return .integer(value)
        case .float(let value) where value.isFinite: return .number(value)
        case .float, .dateTime: throw NotJSON(value: self)
        case .boolean(let value): return .bool(value)
        case .array(let values):
            var elements: [JSON] = []
            for value in values { elements.append(try value.json()) }
            return .array(elements)
        case .table(let table):
            var object: [String: JSON] = [:]
            for entry in table.entries { object[entry.key.name] = try entry.value.json() }
            return .object(object)
        }
    }
}
