import Libc

/// What a file is to contain: text and bytes, and secrets in their places.
///
///     "user=app\npassword=\(Secret("db-password"))\n"
public struct Content: Sendable, Hashable {
    enum Piece: Sendable, Hashable {
        case bytes([UInt8])
        case secret(Secret)
    }

    private(set) var pieces: [Piece]

    /// These bytes.
    public init(_ bytes: [UInt8]) { pieces = [.bytes(bytes)] }

    /// This text, in UTF-8.
    public init(_ text: String) { self.init(Array(text.utf8)) }

    /// The plaintext of a secret, and nothing else.
    public init(_ secret: Secret) { pieces = [.secret(secret)] }

    /// The secrets in it, in the order in which they stand there.
    public var secrets: [Secret] {
        pieces.compactMap { piece in if case .secret(let secret) = piece { secret } else { nil } }
    }

    /// How many bytes it has without its secrets.
    public var plainSize: Int {
        pieces.reduce(0) { size, piece in if case .bytes(let bytes) = piece { size + bytes.count } else { size } }
    }

    /// All bytes; nil where there are secrets among them.
    public var bytes: [UInt8]? {
        var all: [UInt8] = []
        for piece in pieces {
            guard case .bytes(let bytes) = piece else { return nil }
            all += bytes
        }
        return all
    }

    /// Tells it from every other content, without the plaintext of its secrets.
    public var form: String {
        pieces.map { piece in
            switch piece {
            case .bytes(let bytes): "\(bytes.count):\(String(decoding: bytes, as: UTF8.self))/\(UInt64(fnv1a: bytes))"
            case .secret(let secret): "secret:\(secret.name)"
            }
        }.joined(separator: "\n")
    }
}

extension Content: ExpressibleByStringInterpolation {
    public init(stringLiteral text: String) { self.init(text) }

    public init(stringInterpolation: StringInterpolation) { pieces = stringInterpolation.pieces }

    public struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var pieces: [Piece] = []

        public init(literalCapacity: Int, interpolationCount: Int) {}

        public mutating func appendLiteral(_ text: String) { append(Array(text.utf8)) }

        /// The plaintext, exactly as it is in the store.
        public mutating func appendInterpolation(_ secret: Secret) { pieces.append(.secret(secret)) }

        /// Another content, with its secrets.
        public mutating func appendInterpolation(_ content: Content) { pieces += content.pieces }

        /// Anything else, as it prints.
        public mutating func appendInterpolation(_ value: some CustomStringConvertible) {
            appendLiteral(value.description)
        }

        private mutating func append(_ bytes: [UInt8]) {
            // One piece of what belongs together: two ways to write the same text are the same content.
            if case .bytes(let before) = pieces.last {
                pieces[pieces.count - 1] = .bytes(before + bytes)
            } else if !bytes.isEmpty {
                pieces.append(.bytes(bytes))
            }
        }
    }
}

extension Content {
    public static func + (left: Content, right: Content) -> Content { "\(left)\(right)" }

    /// Lends all bytes to `body`, with the plaintexts of the secrets in their places. They are wiped when it returns.
    /// - Parameter plaintext: answers that of a secret.
    func withBytes<Result>(
        _ plaintext: (Secret) throws -> SecretBytes, _ body: ([UInt8]) throws -> Result
    ) throws -> Result {
        if let bytes { return try body(bytes) }
        let secrets = Dictionary(try secrets.map { ($0, try plaintext($0)) }) { first, _ in first }
        var bytes: [UInt8] = []
        // At once: an array that grows leaves copies behind.
        bytes.reserveCapacity(self.secrets.reduce(plainSize) { $0 + (secrets[$1]?.count ?? 0) })
        defer { bytes.wipe() }
        for piece in pieces {
            switch piece {
            case .bytes(let plain): bytes += plain
            case .secret(let secret): secrets[secret]?.withUnsafeBytes { bytes += $0 }
            }
        }
        return try body(bytes)
    }
}

extension [UInt8] {
    /// Overwrites the bytes, which nobody else may hold: of an array with two holders only a copy would be wiped.
    public mutating func wipe() {
        withUnsafeMutableBytes { memory in
            if let start = memory.baseAddress { explicit_bzero(start, memory.count) }
        }
    }
}
