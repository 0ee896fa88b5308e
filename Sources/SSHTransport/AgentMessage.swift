import Foundation

/// Messages of the ssh agent: a length, a type, and fields (draft-miller-ssh-agent).
enum AgentMessage {
    static let requestIdentities: UInt8 = 11
    static let identitiesAnswer: UInt8 = 12
    static let signRequest: UInt8 = 13
    /// The limit of OpenSSH's authfd.c.
    private static let longestMessage = 256 * 1024

    static func read(_ descriptor: Int32) -> [UInt8]? {
        guard let header = readBytes(descriptor, 4) else { return nil }
        var rest = header[...]
        guard let count = WireEncoding.takeNumber(&rest), count <= longestMessage else { return nil }
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
        let bytes = WireEncoding.number(message.count) + message
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
