/// A place in the text of a document.
public struct Position: Sendable, Equatable, Comparable {
    /// Counted from 1.
    public internal(set) var line = 1
    /// Counted from 1, in Unicode scalars. A byte order mark at the start of the text does not count.
    public internal(set) var column = 1
    /// The number of bytes before it.
    public internal(set) var offset = 0

    public static func < (a: Position, b: Position) -> Bool { a.offset < b.offset }
}

/// The first violation of the syntax of TOML in a document.
public struct SyntaxError: Error, Equatable, CustomStringConvertible {
    public let position: Position
    /// The problem and its solution, as a fragment of a sentence.
    public let message: String

    public var description: String { "\(position.line):\(position.column): \(message)" }
}
