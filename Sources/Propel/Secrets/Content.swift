import Libc

/// The content of a file: text and bytes, with secrets, facts of the machine and files of the repository in it.
///
///     File("/etc/app.conf", "user=app\npassword=\(Secret("db-password"))\n")
public struct Content: Sendable, Hashable {
    enum Piece: Sendable, Hashable {
        case bytes([UInt8])
        case secret(Secret)
        case fact(Fact)
        case file(RepositoryFile)
        case template(Template)
    }

    private(set) var pieces: [Piece]

    init(pieces: [Piece]) { self.pieces = pieces }

    /// Content of bytes.
    public init(_ bytes: [UInt8]) { pieces = [.bytes(bytes)] }

    /// Content of text, in UTF-8.
    public init(_ text: String) { self.init(Array(text.utf8)) }

    /// Content that is the plaintext of a secret.
    public init(_ secret: Secret) { pieces = [.secret(secret)] }

    /// The secrets in the order in which they occur, those of a template in the order of the names of its values.
    public var secrets: [Secret] {
        pieces.flatMap { piece -> [Secret] in
            switch piece {
            case .secret(let secret): [secret]
            case .template(let template): template.contents.flatMap(\.secrets)
            case .bytes, .fact, .file: []
            }
        }
    }

    /// The facts in the order in which they occur.
    public var facts: [Fact] {
        pieces.flatMap { piece -> [Fact] in
            switch piece {
            case .fact(let fact): [fact]
            case .template(let template): template.contents.flatMap(\.facts)
            case .bytes, .secret, .file: []
            }
        }
    }

    /// The number of bytes without the secrets, facts and files.
    public var plainSize: Int {
        pieces.reduce(0) { size, piece in if case .bytes(let bytes) = piece { size + bytes.count } else { size } }
    }

    /// The bytes; nil if there are secrets, facts or files among them.
    public var bytes: [UInt8]? {
        // Not a copy: a content may be large.
        if pieces.count == 1, case .bytes(let bytes) = pieces[0] { return bytes }
        var all: [UInt8] = []
        for piece in pieces {
            guard case .bytes(let bytes) = piece else { return nil }
            all += bytes
        }
        return all
    }

    /// A short string that is different for every content, without the plaintexts. Not for a file: another version of
    /// Propel may make another one.
    public var fingerprint: String {
        pieces.map { piece in
            switch piece {
            case .bytes(let bytes): "\(bytes.count):\(StepOutline.hash(bytes))"
            case .secret(let secret): "secret:\(secret.name)"
            case .fact(let fact): "fact:\(fact)"
            case .file(let file): "file:\(file.path)"
            case .template(let template): "template:\(template.fingerprint)"
            }
        }.joined(separator: " ")
    }

    /// A string that is different for every content, without the plaintexts. As long as the content.
    public var form: String {
        pieces.map { piece in
            switch piece {
            case .bytes(let bytes): "\(bytes.count):\(String(decoding: bytes, as: UTF8.self))/\(UInt64(fnv1a: bytes))"
            case .secret(let secret): "secret:\(secret.name)"
            case .fact(let fact): "fact:\(fact)"
            case .file(let file): "file:\(file.path)"
            case .template(let template): "template:\(template.fingerprint)"
            }
        }.joined(separator: "\n")
    }
}

extension Content {
    /// The text with names in angle brackets in place of secrets, facts and files, for people.
    package var described: String {
        pieces.map { piece in
            switch piece {
            case .bytes(let bytes): String(decoding: bytes, as: UTF8.self)
            case .secret(let secret): "<\(secret.name)>"
            case .fact(let fact): "\(fact)"
            case .file(let file): "<\(file.path)>"
            case .template(let template): "<\(template.file.path)>"
            }
        }.joined()
    }

    /// The text before the first secret, fact or file.
    package var beginning: String {
        if case .bytes(let bytes) = pieces.first { String(decoding: bytes, as: UTF8.self) } else { "" }
    }
}

extension Content: ExpressibleByStringInterpolation {
    public init(stringLiteral value: String) { self.init(value) }

    public init(stringInterpolation: StringInterpolation) { pieces = stringInterpolation.pieces }

    public struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var pieces: [Piece] = []

        public init(literalCapacity: Int, interpolationCount: Int) {}

        public mutating func appendLiteral(_ literal: String) { append(Array(literal.utf8)) }

        /// Appends a plaintext, exactly as it is in the store.
        public mutating func appendInterpolation(_ secret: Secret) { pieces.append(.secret(secret)) }

        /// Appends a value that only the machine knows.
        public mutating func appendInterpolation(_ fact: Fact) { pieces.append(.fact(fact)) }

        /// Appends the bytes of a file of the repository.
        public mutating func appendInterpolation(_ file: RepositoryFile) { pieces.append(.file(file)) }

        /// Appends a template of the repository with its values.
        public mutating func appendInterpolation(_ template: Template) { pieces.append(.template(template)) }

        /// Appends another content, with its secrets, facts and files.
        public mutating func appendInterpolation(_ content: Content) {
            for piece in content.pieces {
                if case .bytes(let bytes) = piece { append(bytes) } else { pieces.append(piece) }
            }
        }

        /// Appends the description of a value.
        public mutating func appendInterpolation(_ value: some CustomStringConvertible) {
            appendLiteral(value.description)
        }

        private mutating func append(_ bytes: [UInt8]) {
            // Adjacent bytes become one piece: the same text has the same pieces, however it was written.
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

    /// Calls `body` with the bytes, plaintexts included, and wipes them when it returns.
    /// - Parameter plaintext: returns the plaintext of a secret.
    func withBytes<Result>(
        _ plaintext: (Secret) throws -> SecretBytes, _ body: ([UInt8]) throws -> Result
    ) throws -> Result {
        if let bytes { return try body(bytes) }
        var bytes = try assemble(plaintext)
        defer { bytes.wipe() }
        return try body(bytes)
    }

    /// The bytes with the plaintexts in their places, for the caller to wipe.
    /// - Parameter trimming: whether the newline at the end of a plaintext is left out.
    /// - Throws: ``Failure`` if the content was not resolved; see ``resolved(on:)``.
    func assemble(trimming: Bool = false, _ plaintext: (Secret) throws -> SecretBytes) throws -> [UInt8] {
        let secrets = Dictionary(try secrets.map { ($0, try plaintext($0)) }) { first, _ in first }
        var bytes: [UInt8] = []
        // Reserved at once: an array that grows leaves copies behind.
        bytes.reserveCapacity(self.secrets.reduce(plainSize) { $0 + (secrets[$1]?.count ?? 0) })
        for piece in pieces {
            switch piece {
            case .bytes(let plain): bytes += plain
            case .secret(let secret):
                secrets[secret]?.withUnsafeBytes { plaintext in
                    bytes += trimming && plaintext.last == UInt8(ascii: "\n") ? plaintext.dropLast() : plaintext[...]
                }
            case .fact(let fact): throw Failure("the fact \(fact) was not read; this is a bug of Propel")
            case .file, .template: throw Failure("a file of the repository was not read; this is a bug of Propel")
            }
        }
        return bytes
    }
}

extension [UInt8] {
    /// Overwrites the bytes with zeros. The array must not be shared: otherwise only a copy is wiped.
    public mutating func wipe() {
        withUnsafeMutableBytes { memory in
            if let start = memory.baseAddress { explicit_bzero(start, memory.count) }
        }
    }
}
