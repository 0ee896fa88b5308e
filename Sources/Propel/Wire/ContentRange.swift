/// A part of the content of a file of the repository, which a run asks for. It is answered by pieces in their order.
public struct ContentRange: Sendable, Hashable {
    /// The SHA-256 of the content: 64 lowercase hexadecimal digits.
    public var hash: String
    /// The offset in bytes.
    public var offset: Int
    /// The size in bytes.
    public var size: Int

    /// The size limit in bytes of one range: 1 MiB, so that an interruption does not wait for more.
    public static let limit = 1 << 20

    public init(hash: String, offset: Int, size: Int) {
        self.hash = hash
        self.offset = offset
        self.size = size
    }

    /// Whether a string is the SHA-256 of something.
    static func isHash(_ text: String) -> Bool {
        text.utf8.count == 64 && text.utf8.allSatisfy(\.isLowercaseHexadecimalDigit)
    }

    /// The range in ranges that can be asked for.
    var parts: [ContentRange] {
        stride(from: offset, to: offset + size, by: Self.limit).map { start in
            ContentRange(hash: hash, offset: start, size: min(Self.limit, offset + size - start))
        }
    }
}

extension ContentRange {
    var json: JSON { ["kind": "fetch", "file": .string(hash), "offset": .integer(offset), "size": .integer(size)] }

    /// - Throws: ``MalformedMessage`` if it is invalid.
    init(_ json: JSON) throws {
        self.init(hash: try json.text("file"), offset: try json.number("offset"), size: try json.number("size"))
        guard Self.isHash(hash), 0...RepositoryFile.sizeLimit ~= offset, 1...Self.limit ~= size else {
            throw MalformedMessage(message: json.description)
        }
    }
}
