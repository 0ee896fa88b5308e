import Foundation

/// Stands between libssh and the ssh agent, and puts the agent's keys in order.
///
/// libssh offers all keys of the agent as they come, and a server hangs up after six refusals (`MaxAuthTries`). So the keys that the
/// configuration names come first, and with `IdentitiesOnly` the others are left out. The protocol: draft-miller-ssh-agent.
struct AgentFilter {
    struct Unreachable: Error {
        let reason: String
    }

    /// The socket for libssh, which closes it. The filter ends with it.
    let descriptor: Int32

    private static let requestIdentities: UInt8 = 11
    private static let identitiesAnswer: UInt8 = 12
    /// As in OpenSSH's authfd.c.
    private static let longestMessage = 256 * 1024

    init(agent path: String, first: [[UInt8]], onlyThose: Bool) throws {
        let agent = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard agent >= 0 else { throw Unreachable(reason: errorText(errno)) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let fits = withUnsafeMutableBytes(of: &address.sun_path) { bytes in
            guard path.utf8.count < bytes.count else { return false }
            bytes.copyBytes(from: path.utf8)
            return true
        }
        guard fits else {
            close(agent)
            throw Unreachable(reason: "the path of its socket is too long")
        }
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(agent, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        var pair: [Int32] = [-1, -1]
        guard connected == 0, socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &pair) == 0
        else {
            let reason = errorText(errno)
            close(agent)
            throw Unreachable(reason: reason)
        }
        descriptor = pair[0]
        let ours = pair[1]
        let thread = Thread {
            while let request = Self.readMessage(ours), Self.writeMessage(agent, request),
                let answer = Self.readMessage(agent),
                Self.writeMessage(
                    ours,
                    request.first == Self.requestIdentities
                        ? Self.filter(answer, first: first, onlyThose: onlyThose) : answer)
            {}
            close(ours)
            close(agent)
        }
        thread.stackSize = 1 << 19
        thread.start()
    }

    static func filter(_ answer: [UInt8], first: [[UInt8]], onlyThose: Bool) -> [UInt8] {
        var rest = answer[...]
        guard rest.popFirst() == identitiesAnswer, let count = takeNumber(&rest) else { return answer }
        var keys: [(blob: [UInt8], comment: [UInt8])] = []
        for _ in 0..<count {
            guard let blob = takeString(&rest), let comment = takeString(&rest) else { return answer }
            keys.append((blob, comment))
        }
        let named = first.flatMap { blob in keys.filter { $0.blob == blob } }
        let others = onlyThose ? [] : keys.filter { !first.contains($0.blob) }
        return [identitiesAnswer] + number(named.count + others.count)
            + (named + others).flatMap { number($0.blob.count) + $0.blob + number($0.comment.count) + $0.comment }
    }

    private static func number(_ value: Int) -> [UInt8] { withUnsafeBytes(of: UInt32(value).bigEndian) { Array($0) } }

    private static func takeNumber(_ bytes: inout ArraySlice<UInt8>) -> Int? {
        guard bytes.count >= 4 else { return nil }
        defer { bytes.removeFirst(4) }
        return bytes.prefix(4).reduce(0) { $0 << 8 | Int($1) }
    }

    private static func takeString(_ bytes: inout ArraySlice<UInt8>) -> [UInt8]? {
        guard let count = takeNumber(&bytes), bytes.count >= count else { return nil }
        defer { bytes.removeFirst(count) }
        return Array(bytes.prefix(count))
    }

    private static func readMessage(_ descriptor: Int32) -> [UInt8]? {
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

    private static func writeMessage(_ descriptor: Int32, _ message: [UInt8]) -> Bool {
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
