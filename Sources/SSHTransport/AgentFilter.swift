import Foundation

/// A proxy between libssh and the ssh agent that orders the agent's keys.
///
/// libssh offers all keys of the agent in the agent's order, and a server disconnects after six failures
/// (`MaxAuthTries`). So the keys that the configuration names come first, and with `IdentitiesOnly` all others are
/// left out. Protocol: draft-miller-ssh-agent.
struct AgentFilter {
    struct Unreachable: Error {
        let reason: String
    }

    /// The socket for libssh, which closes it; the filter then ends.
    let descriptor: Int32

    /// - Parameters:
    ///   - first: the public keys to offer first, in this order.
    ///   - onlyThose: whether to hide all other keys.
    ///   - certificates: certificates to offer before the keys that they are for. The agent signs with the key.
    init(agent path: String, first: [[UInt8]], onlyThose: Bool, certificates: [[UInt8]] = []) throws {
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
            // The key of each certificate that was offered.
            var keys: [[UInt8]: [UInt8]] = [:]
            while var request = AgentMessage.read(ours) {
                if request.first == AgentMessage.signRequest { request = Self.signRequest(request, keys: keys) }
                guard AgentMessage.write(agent, request), var answer = AgentMessage.read(agent) else { break }
                if request.first == AgentMessage.requestIdentities {
                    (answer, keys) = Self.filter(answer, first: first, onlyThose: onlyThose, certificates: certificates)
                }
                guard AgentMessage.write(ours, answer) else { break }
            }
            close(ours)
            close(agent)
        }
        thread.stackSize = 1 << 19
        thread.start()
    }

    /// - Returns: the answer with the keys in order, and the key of each certificate that was added.
    static func filter(
        _ answer: [UInt8], first: [[UInt8]], onlyThose: Bool, certificates: [[UInt8]] = []
    ) -> (answer: [UInt8], keys: [[UInt8]: [UInt8]]) {
        var rest = answer[...]
        guard rest.popFirst() == AgentMessage.identitiesAnswer, let count = WireEncoding.takeNumber(&rest) else {
            return (answer, [:])
        }
        var identities: [(blob: [UInt8], comment: [UInt8])] = []
        for _ in 0..<count {
            guard let blob = WireEncoding.takeString(&rest), let comment = WireEncoding.takeString(&rest) else {
                return (answer, [:])
            }
            identities.append((blob, comment))
        }
        // An agent may have a certificate itself, as another identity.
        func isNamed(_ blob: [UInt8], by key: [UInt8]) -> Bool {
            blob == key || PublicKey.certificate(blob, isFor: key)
        }
        let named = first.flatMap { key in identities.filter { isNamed($0.blob, by: key) } }
        let others =
            onlyThose ? [] : identities.filter { identity in !first.contains { isNamed(identity.blob, by: $0) } }
        var keys: [[UInt8]: [UInt8]] = [:]
        var certified: [(blob: [UInt8], comment: [UInt8])] = []
        for identity in named + others {
            for certificate in certificates where PublicKey.certificate(certificate, isFor: identity.blob) {
                if identities.contains(where: { $0.blob == certificate }) { continue }
                keys[certificate] = identity.blob
                certified.append((certificate, identity.comment))
            }
        }
        let offered = certified + named + others
        return (
            [AgentMessage.identitiesAnswer] + WireEncoding.number(offered.count)
                + offered.flatMap { WireEncoding.string($0.blob) + WireEncoding.string($0.comment) }, keys
        )
    }

    /// The request with the key in the place of its certificate, which the agent does not have.
    static func signRequest(_ request: [UInt8], keys: [[UInt8]: [UInt8]]) -> [UInt8] {
        var rest = request.dropFirst()
        guard let blob = WireEncoding.takeString(&rest), let key = keys[blob] else { return request }
        return [AgentMessage.signRequest] + WireEncoding.string(key) + rest
    }
}
