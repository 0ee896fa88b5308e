/// A piece of a file that goes from one host to another. So many bytes of it follow its message, as they are.
public struct Piece: Sendable, Equatable {
    /// The name of the file, in the directory of its ``Transfer``.
    public var file: String
    /// How many bytes of the file come before it.
    public var offset: Int
    /// How many bytes it has.
    public var size: Int

    /// The most bytes that a piece has: 64 KiB. On a slow link there are signs of life between two.
    public static let limit = 64 * 1024

    public init(file: String, offset: Int, size: Int) {
        self.file = file
        self.offset = offset
        self.size = size
    }

    /// Whether a text can be the name of such a file: letters, digits, `.`, `-` and `_`, and it is not hidden.
    static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, first != UInt8(ascii: "."), text.utf8.count <= 200 else { return false }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: ".-_".utf8.contains(byte)
            }
        }
    }
}

extension Piece {
    var json: JSON { ["kind": "piece", "file": .string(file), "offset": .integer(offset), "size": .integer(size)] }

    /// - Throws: ``MalformedMessage`` where it is none, also where its name leads out of its directory.
    init(_ json: JSON) throws {
        self.init(file: try json.text("file"), offset: try json.number("offset"), size: try json.number("size"))
        guard Self.isName(file), offset >= 0, 0...Self.limit ~= size else {
            throw MalformedMessage(message: json.description)
        }
    }
}
