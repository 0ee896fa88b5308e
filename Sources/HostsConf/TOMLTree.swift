import Propel
import TOMLKit

/// A TOML value, copied out of TOMLKit.
enum TOMLTree: Equatable, Sendable {
    case string(String)
    case integer(Int)
    case number(Double)
    case bool(Bool)
    case date
    case array([TOMLTree])
    case table([String: TOMLTree])

    /// What it is, as an error names it.
    var kind: String {
        switch self {
        case .string: "a string"
        case .integer: "a whole number"
        case .number: "a number"
        case .bool: "true or false"
        case .date: "a date"
        case .array: "a list"
        case .table: "a table"
        }
    }

    /// Parses a document. The text must hold no U+0000: TOMLKit reads C strings.
    static func parse(_ text: String) throws(TOMLParseError) -> [String: TOMLTree] {
        let table: TOMLTable
        do {
            table = try TOMLTable(string: text)
        } catch let error as TOMLParseError {
            throw error
        } catch {
            preconditionFailure("TOMLTable(string:) throws nothing but TOMLParseError: \(error)")
        }
        return tree(of: table)
    }

    private static func tree(of table: TOMLTable) -> [String: TOMLTree] {
        var result: [String: TOMLTree] = [:]
        for key in table.keys {
            if let value = table[key] { result[key] = TOMLTree(value) }
        }
        return result
    }

    private init(_ value: any TOMLValueConvertible) {
        let value = value.tomlValue
        switch value.type {
        case .string: self = .string(value.string ?? "")
        case .int: self = .integer(value.int ?? 0)
        case .double: self = .number(value.double ?? 0)
        case .bool: self = .bool(value.bool ?? false)
        case .date, .time, .dateTime: self = .date
        case .array: self = .array(value.array.map { $0.map(TOMLTree.init) } ?? [])
        case .table: self = .table(value.table.map(Self.tree(of:)) ?? [:])
        }
    }

    /// The value as JSON.
    ///
    /// - Throws: ``NotJSON`` for a date and for a number that is infinite or none.
    func json() throws(NotJSON) -> JSON {
        switch self {
        case .string(let value): return .string(value)
        case .integer(let value): return .integer(value)
        case .number(let value) where value.isFinite: return .number(value)
        case .number(let value): throw NotJSON(what: "\(value)")
        case .bool(let value): return .bool(value)
        case .date: throw NotJSON(what: "a date")
        case .array(let values):
            var elements: [JSON] = []
            for value in values { elements.append(try value.json()) }
            return .array(elements)
        case .table(let values):
            var object: [String: JSON] = [:]
            for (key, value) in values { object[key] = try value.json() }
            return .object(object)
        }
    }

    /// A value that JSON has no form for.
    struct NotJSON: Error { var what: String }
}
