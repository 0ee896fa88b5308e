/// A piece of a file that goes from one host to another. Its message is followed by `size` raw bytes.
public struct Piece: Sendable, Equatable {
    /// The name of the file in the directory of its ``FileTransfer``.
    public var file: String
    /// The offset in the file in bytes.
    public var offset: Int
    /// The size in bytes.
    public var size: Int

    /// The size limit in bytes: 64 KiB, so that heartbeats get through between two pieces on a slow link.
    public static let limit = 64 * 1024

    public init(file: String, offset: Int, size: Int) {
        self.file = file
        self.offset = offset
        self.size = size
    }

    /// Whether a string is a valid file name: letters, digits, `.`, `-` and `_`, not hidden, at most 200 bytes.
    static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, first != UInt8(ascii: "."), text.utf8.count <= 200 else { return false }
        return text.utf8.allSatisfy { $0.isASCIILetterOrDigit || ".-_".utf8.contains($0) }
    }
}

extension Piece {
    var json: JSON { ["kind": "piece", "file": .string(file), "offset": .integer(offset), "size": .integer(size)] }

    /// - Throws: ``MalformedMessage`` if it is invalid, for example if the name leads out of the directory.
    init(_ json: JSON) throws {
        self.init(file: try json.text("file"), offset: try json.number("offset"), size: try json.number("size"))
        guard Self.isName(file), offset >= 0, 0...Self.limit ~= size else {
            throw MalformedMessage(message: json.description)
        }
    }
}
