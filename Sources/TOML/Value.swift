/// A value and its place.
///
/// Two values are equal if their contents are, wherever they stand. Not-a-number equals itself.
public struct Value: Sendable, Equatable {
    /// The seven types of TOML.
    public enum Content: Sendable {
        case string(String)
        case integer(Int)
        case float(Double)
        case boolean(Bool)
        case dateTime(DateTime)
        case array([Value])
        case table(Table)
    }

    public let content: Content
    /// The first character of the value. For a table that a header or a dotted key makes: the first character of that.
    public let position: Position
    /// The bytes of the value with its quotes or brackets, without a comment after it.
    public let bytes: Range<Int>

    public static func == (a: Value, b: Value) -> Bool { a.content == b.content }
}

extension Value.Content: Equatable {
    public static func == (a: Self, b: Self) -> Bool {
        switch (a, b) {
        // Code points decide in TOML; `==` of strings takes “é” and “é” for one, however they are composed.
        case (.string(let a), .string(let b)): a.utf8.elementsEqual(b.utf8)
        case (.integer(let a), .integer(let b)): a == b
        case (.float(let a), .float(let b)): a == b || a.isNaN && b.isNaN
        case (.boolean(let a), .boolean(let b)): a == b
        case (.dateTime(let a), .dateTime(let b)): a == b
        case (.array(let a), .array(let b)): a == b
        case (.table(let a), .table(let b)): a == b
        default: false
        }
    }
}

/// One part of a key: `a`, `"a b"` and `'c'` in `a."a b".'c'`.
public struct Key: Sendable, Equatable {
    public let name: String
    /// Whether it stands without quotes.
    public let isBare: Bool
    public let position: Position

    /// The code points, by which keys are compared. `==` of strings ignores how characters are composed.
    var identity: [UInt8] { Array(name.utf8) }
}

/// The keys of a table with their values, in the order of the text.
///
/// The order does not matter for equality.
public struct Table: Sendable, Equatable {
    public struct Entry: Sendable {
        public let key: Key
        public let value: Value
    }

    public let entries: [Entry]
    private let index: [[UInt8]: Int]

    init(_ entries: [Entry], index: [[UInt8]: Int]) {
        self.entries = entries
        self.index = index
    }

    public init() { self.init([], index: [:]) }

    public subscript(name: String) -> Value? { entry(named: name)?.value }

    public func entry(named name: String) -> Entry? { index[Array(name.utf8)].map { entries[$0] } }

    public static func == (a: Table, b: Table) -> Bool {
        a.entries.count == b.entries.count && a.entries.allSatisfy { b[$0.key.name] == $0.value }
    }
}
