import PlainText
import TOML

extension Document {
    /// Parses the text of a `hosts.conf`. Its strings become JSON and arguments of programs, so NUL is refused
    /// everywhere.
    init(hostsConf bytes: [UInt8], file: String) throws(HostsConf.Errors) {
        do {
            try self.init(parsing: bytes)
        } catch {
            throw HostsConf.Errors(file: file, problems: [HostsConf.Problem(error)])
        }
        if let position = Self.firstNUL(in: root) {
            let problem = HostsConf.Problem(
                line: position.line, column: position.column, message: #"\u0000 is not allowed here: remove it"#)
            throw HostsConf.Errors(file: file, problems: [problem])
        }
    }

    private static func firstNUL(in table: Table) -> Position? {
        for entry in table.entries {
            if entry.key.name.utf8.contains(0) { return entry.key.position }
            if let position = firstNUL(in: entry.value) { return position }
        }
        return nil
    }

    private static func firstNUL(in value: Value) -> Position? {
        switch value.content {
        case .string(let text): text.utf8.contains(0) ? value.position : nil
        case .array(let elements): elements.lazy.compactMap(firstNUL(in:)).first
        case .table(let table): firstNUL(in: table)
        case .integer, .float, .boolean, .dateTime: nil
        }
    }

    /// The table at a path; empty if there is no such table.
    func table(at path: [String]) -> Table {
        path.reduce(root) { table, name in
            if case .table(let inner)? = table[name]?.content { inner } else { Table() }
        }
    }

    /// The value as it is written, if it is short; otherwise what it is.
    func shown(_ value: Value) -> String {
        switch value.content {
        case .array, .table: return value.content.kind
        case .string, .integer, .float, .boolean, .dateTime:
            let text = String(decoding: bytes[value.bytes], as: UTF8.self)
            let isShort = text.unicodeScalars.count <= 40 && !text.utf8.contains(UInt8(ascii: "\n"))
            return isShort ? text.escaped : value.content.kind
        }
    }
}

extension HostsConf.Problem {
    init(_ error: SyntaxError) {
        self.init(line: error.position.line, column: error.position.column, message: error.message)
    }
}

extension Value.Content {
    /// The type, as an error names it.
    var kind: String {
        switch self {
        case .string: "a string"
        case .integer, .float: "a number"
        case .boolean: "true or false"
        case .dateTime: "a date"
        case .array: "a list"
        case .table: "a table"
        }
    }
}

extension Value {
    /// The elements of a list of strings, or the one string that stands for a list of one.
    var strings: [(text: String, line: Int)]? {
        switch content {
        case .string(let text): return [(text, position.line)]
        case .array(let elements):
            let strings = elements.compactMap { element in
                if case .string(let text) = element.content { (text, element.position.line) } else { nil }
            }
            return strings.count == elements.count ? strings : nil
        default: return nil
        }
    }
}
