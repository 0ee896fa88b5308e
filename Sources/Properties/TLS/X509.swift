/// The parts of a certificate that Propel needs to know (RFC 5280), read without a program.
struct X509: Equatable {
    /// The end of its validity, in seconds since 1970.
    let end: Int
    /// Whether its issuer and its subject are the same.
    let isSelfSigned: Bool
    /// The host names and IPv4 addresses that it is for.
    let names: [String]

    /// The first certificate in PEM; nil if there is none, or if it is not read here.
    init?(pem: [UInt8]) {
        let lines = String(decoding: pem, as: UTF8.self).lines.map { String($0).trimmed }
        guard let start = lines.firstIndex(of: "-----BEGIN CERTIFICATE-----"),
            let end = lines[start...].firstIndex(of: "-----END CERTIFICATE-----"),
            let bytes = Base64.decode(lines[(start + 1)..<end].joined()[...])
        else { return nil }
        self.init(der: bytes)
    }

    private init?(der: [UInt8]) {
        var outer = DER(der[...])
        guard var certificate = outer.next(.sequence), var body = certificate.next(.sequence) else { return nil }
        // The version, which the first one has not.
        _ = body.next(.context(0))
        guard body.next() != nil, body.next(.sequence) != nil, let issuer = body.next(.sequence),
            var validity = body.next(.sequence), validity.next() != nil,
            let end = validity.nextTime(), let subject = body.next(.sequence), body.next(.sequence) != nil
        else { return nil }
        self.end = end
        isSelfSigned = issuer.rest == subject.rest
        names = Self.names(in: body)
    }

    /// The alternative names (4.2.1.6), which are in the extensions.
    private static func names(in body: DER) -> [String] {
        var body = body
        while let tag = body.tag {
            guard tag == DER.Tag.context(3).byte else {
                _ = body.next()
                continue
            }
            guard var wrapped = body.next(.context(3)), var extensions = wrapped.next(.sequence) else { return [] }
            while var entry = extensions.next(.sequence) {
                // 2.5.29.17
                guard entry.next(.objectIdentifier)?.rest == [0x55, 0x1D, 0x11] else { continue }
                _ = entry.next(.boolean)
                guard var value = entry.next(.octetString), let list = value.next(.sequence) else { return [] }
                return list.names
            }
            return []
        }
        return []
    }
}

/// Elements of DER (X.690), one after the other.
private struct DER {
    enum Tag {
        case boolean, octetString, objectIdentifier, sequence
        case context(UInt8)

        var byte: UInt8 {
            switch self {
            case .boolean: 0x01
            case .octetString: 0x04
            case .objectIdentifier: 0x06
            case .sequence: 0x30
            case .context(let number): 0xA0 | number
            }
        }
    }

    private(set) var rest: ArraySlice<UInt8>

    init(_ rest: ArraySlice<UInt8>) { self.rest = rest }

    /// The tag of the next element; nil at the end.
    var tag: UInt8? { rest.first }

    /// The content of the next element; nil if there is none, or it is longer than the rest.
    mutating func next() -> DER? {
        var index = rest.startIndex + 1
        guard index < rest.endIndex else { return nil }
        var length = Int(rest[index])
        index += 1
        if length & 0x80 != 0 {
            let count = length & 0x7F
            guard 1...4 ~= count, rest.endIndex - index >= count else { return nil }
            length = rest[index..<(index + count)].reduce(0) { $0 << 8 | Int($1) }
            index += count
        }
        guard rest.endIndex - index >= length else { return nil }
        let content = rest[index..<(index + length)]
        rest = rest[(index + length)...]
        return DER(content)
    }

    /// The content of the next element if it has the tag; else nil, and it stays the next.
    mutating func next(_ tag: Tag) -> DER? { self.tag == tag.byte ? next() : nil }

    /// The next element as a time: `YYMMDDHHMMSSZ`, from 1950 to 2049, or `YYYYMMDDHHMMSSZ`.
    mutating func nextTime() -> Int? {
        guard let tag, let content = next() else { return nil }
        let digits = Array(content.rest), isShort = tag == 0x17, start = isShort ? 2 : 4
        guard isShort || tag == 0x18, digits.count == start + 11, digits.last == UInt8(ascii: "Z"),
            let year = digits.number(0..<start)
        else { return nil }
        let parts = (0..<5).compactMap { digits.number((start + $0 * 2)..<(start + $0 * 2 + 2)) }
        guard parts.count == 5 else { return nil }
        let century = isShort ? (year < 50 ? 2000 : 1900) : 0
        return Timestamp(utc: century + year, parts[0], parts[1], parts[2], parts[3], parts[4]).seconds
    }

    /// The elements as alternative names: those that are host names ([2]) or IPv4 addresses ([7]).
    var names: [String] {
        var elements = self, names: [String] = []
        while let tag = elements.tag, let content = elements.next() {
            switch tag {
            case 0x82: names.append(String(decoding: content.rest, as: UTF8.self))
            case 0x87 where content.rest.count == 4: names.append(content.rest.map(String.init).joined(separator: "."))
            default: names.append("")
            }
        }
        return names
    }
}

extension Machine {
    /// The certificate in a file, or behind links of root to one; nil if it is not read here.
    /// - Throws: ``FileError`` if it is a link of another user.
    func certificate(at path: FilePath) throws -> X509? {
        try files.readIfPresent(followingLinksOfRoot(path)).flatMap { X509(pem: $0) }
    }
}
