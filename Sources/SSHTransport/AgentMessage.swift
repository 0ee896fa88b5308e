import Foundation

/// Messages of the ssh agent: a length, a type, and fields (draft-miller-ssh-agent).
enum AgentMessage {
    static let requestIdentities: UInt8 = 11
    static let identitiesAnswer: UInt8 = 12
    static let signRequest: UInt8 = 13
    /// The limit of OpenSSH's authfd.c.
    private static let longestMessage = 256 * 1024

    static func string(_ bytes: [UInt8]) -> [UInt8] { number(bytes.count) + bytes }

    /// Whether a certificate is for a public key: after its type and its nonce it has the fields of the key
    /// (PROTOCOL.certkeys of OpenSSH). libssh 0.10 cannot compare the two.
    static func certificate(_ certificate: [UInt8], isFor key: [UInt8]) -> Bool {
        var fields = certificate[...], wanted = key[...]
        guard takeString(&fields) != takeString(&wanted), takeString(&fields) != nil, !wanted.isEmpty else {
            return false
        }
        return fields.starts(with: wanted)
    }

    static func number(_ value: Int) -> [UInt8] { withUnsafeBytes(of: UInt32(value).bigEndian) { Array($0) } }

    static func takeNumber(_ bytes: inout ArraySlice<UInt8>) -> Int? {
        guard bytes.count >= 4 else { return nil }
        defer { bytes.removeFirst(4) }
        return bytes.prefix(4).reduce(0) { $0 << 8 | Int($1) }
    }

    static func takeString(_ bytes: inout ArraySlice<UInt8>) -> [UInt8]? {
        guard let count = takeNumber(&bytes), bytes.count >= count else { return nil }
        defer { bytes.removeFirst(count) }
        return Array(bytes.prefix(count))
    }

    static func read(_ descriptor: Int32) -> [UInt8]? {
        guard let header = readBytes(descriptor, 4) else { return nil }
        var rest = header[...]
        guard let count = takeNumber(&rest), count <= longestMessage else { return nil }
        return readBytes(descriptor, count)
    }

    private static func readBytes(_ descriptor: Int32, _ count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        var have = 0
        while have < count {
            let result = bytes.withUnsafeMutableBytes { buffer in
                buffer.baseAddress.map { recv(descriptor, $0 + have, count - have, 0) } ?? 0
            }
            if result < 0, errno == EINTR { continue }
            guard result > 0 else { return nil }
            have += result
        }
        return bytes
    }

    static func write(_ descriptor: Int32, _ message: [UInt8]) -> Bool {
        let bytes = number(message.count) + message
        var sent = 0
        while sent < bytes.count {
            let result = bytes.withUnsafeBytes { buffer in
                buffer.baseAddress.map { send(descriptor, $0 + sent, bytes.count - sent, Int32(MSG_NOSIGNAL)) } ?? -1
            }
            if result < 0, errno == EINTR { continue }
            guard result > 0 else { return false }
            sent += result
        }
        return true
    }
}
