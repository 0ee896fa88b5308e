import Foundation

/// The recipients of an encrypted OpenPGP message, from its first packets. Decrypts nothing.
struct OpenPGPMessage {
    /// The key ID of each recipient's subkey, in the order of the message: 16 uppercase hexadecimal digits, or a
    /// whole fingerprint in a version 6 packet; nil if the message hides it.
    let recipients: [String?]

    /// Reads the packets before the encrypted data (RFC 4880 and RFC 9580, 4.2 and 5.1).
    /// - Parameter bytes: binary or in ASCII armor.
    init(_ bytes: [UInt8]) throws(Damage) {
        var reader = PacketReader(try Self.dearmored(bytes))
        var recipients: [String?] = []
        while true {
            guard let tag = try reader.tag() else { throw Damage("it ends before the encrypted data") }
            switch tag {
            case 1: recipients.append(try Self.recipient(of: try reader.body()))
            // Passphrases, markers and padding.
            case 3, 10, 21: _ = try reader.body()
            // Encrypted data: RFC 9580, and 20 as GnuPG writes it.
            case 9, 18, 20:
                guard !recipients.isEmpty else { throw Damage("it is encrypted with a passphrase only, not to a key") }
                self.recipients = recipients
                return
            default: throw Damage("it is not an encrypted OpenPGP message")
            }
        }
    }

    /// The recipients of the message of a secret.
    static func recipients(of message: [UInt8], _ secret: StoredSecret) throws(SecretStoreError) -> [String?] {
        do throws(Damage) {
            return try OpenPGPMessage(message).recipients
        } catch {
            throw .damaged(secret.path, reason: error.description)
        }
    }

    struct Damage: Error, Equatable, CustomStringConvertible {
        let description: String

        init(_ description: String) { self.description = description }
    }

    private static func recipient(of packet: ArraySlice<UInt8>) throws(Damage) -> String? {
        let bytes = Array(packet)
        switch bytes.first {
        case 3 where bytes.count > 9:
            let identifier = bytes[1...8]
            return identifier.allSatisfy { $0 == 0 } ? nil : identifier.hexadecimal
        case 6 where bytes.count > 2:
            // Length 0 hides the key; otherwise a version and a fingerprint follow.
            let length = Int(bytes[1])
            guard length > 0 else { return nil }
            guard bytes.count > 2 + length else { throw Damage("a recipient is truncated") }
            return bytes[3..<(2 + length)].hexadecimal
        default: throw Damage("a recipient packet does not follow RFC 9580")
        }
    }

    /// The content of an ASCII armor (RFC 9580, 6.2). gpg checks the checksum.
    private static func dearmored(_ bytes: [UInt8]) throws(Damage) -> [UInt8] {
        // The first bit of every packet is set.
        guard let first = bytes.first else { throw Damage("it is empty") }
        if first & 0x80 != 0 { return bytes }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw Damage("it is not an OpenPGP message") }
        var lines = text.split(separator: /\r?\n/, omittingEmptySubsequences: false)[...]
        lines = lines.drop { $0.trimmingCharacters(in: .whitespaces) != "-----BEGIN PGP MESSAGE-----" }.dropFirst()
        lines = lines.drop { !$0.trimmingCharacters(in: .whitespaces).isEmpty }
        let body = lines.prefix { !$0.hasPrefix("=") && !$0.hasPrefix("-----END") }
        guard !body.isEmpty, let data = Data(base64Encoded: body.joined(), options: .ignoreUnknownCharacters),
            !data.isEmpty
        else {
            throw Damage("it is not an OpenPGP message")
        }
        return [UInt8](data)
    }
}

/// Reads packets in order.
private struct PacketReader {
    private var rest: ArraySlice<UInt8>
    private var header: UInt8 = 0

    init(_ bytes: [UInt8]) { rest = bytes[...] }

    /// The tag of the next packet; nil at the end.
    mutating func tag() throws(OpenPGPMessage.Damage) -> UInt8? {
        guard let header = rest.popFirst() else { return nil }
        guard header & 0x80 != 0 else { throw OpenPGPMessage.Damage("it is not an OpenPGP message") }
        self.header = header
        return header & 0x40 != 0 ? header & 0x3F : header >> 2 & 0x0F
    }

    /// The body of the packet whose tag was read last.
    mutating func body() throws(OpenPGPMessage.Damage) -> ArraySlice<UInt8> {
        let length = try length()
        guard rest.count >= length else { throw OpenPGPMessage.Damage("it is truncated") }
        defer { rest = rest.dropFirst(length) }
        return rest.prefix(length)
    }

    private mutating func length() throws(OpenPGPMessage.Damage) -> Int {
        if header & 0x40 == 0 {
            switch header & 3 {
            case 0: return try number(bytes: 1)
            case 1: return try number(bytes: 2)
            case 2: return try number(bytes: 4)
            default: throw OpenPGPMessage.Damage("a recipient has no length")
            }
        }
        let first = try number(bytes: 1)
        switch first {
        case ..<192: return first
        case ..<224: return (first - 192) << 8 + (try number(bytes: 1)) + 192
        case 255: return try number(bytes: 4)
        // A partial length, which only data packets may have.
        default: throw OpenPGPMessage.Damage("a recipient has no length")
        }
    }

    private mutating func number(bytes: Int) throws(OpenPGPMessage.Damage) -> Int {
        guard rest.count >= bytes else { throw OpenPGPMessage.Damage("it is truncated") }
        defer { rest = rest.dropFirst(bytes) }
        return rest.prefix(bytes).reduce(0) { $0 << 8 | Int($1) }
    }
}

extension Collection<UInt8> {
    /// Two uppercase hexadecimal digits per byte.
    fileprivate var hexadecimal: String { map { String(format: "%02X", $0) }.joined() }
}
