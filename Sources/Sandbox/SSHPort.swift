import Foundation

/// Whether an ssh server answers at an address.
enum SSHPort {
    /// Connects to port 22 and waits for the identification string that a server sends first (RFC 4253, 4.2).
    /// - Parameter patience: how long one attempt takes at most. Short, because a packet that a machine misses while it boots is
    ///   sent again only after a second; the next attempt is quicker.
    static func answers(at address: String, patience: Duration = .milliseconds(100)) async throws -> Bool {
        let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var target = sockaddr_in()
        target.sin_family = sa_family_t(AF_INET)
        target.sin_port = in_port_t(22).bigEndian
        guard inet_pton(AF_INET, address, &target.sin_addr) == 1 else { return false }
        let connected = withUnsafePointer(to: target) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 || errno == EINPROGRESS else { return false }

        let clock = ContinuousClock()
        let start = clock.now
        var isConnected = connected == 0
        while true {
            var state = pollfd(fd: descriptor, events: Int16(isConnected ? POLLIN : POLLOUT), revents: 0)
            if poll(&state, 1, 0) > 0 {
                if isConnected {
                    var banner = [UInt8](repeating: 0, count: 4)
                    let count = recv(descriptor, &banner, banner.count, 0)
                    return count == 4 && banner.elementsEqual("SSH-".utf8)
                }
                if Int32(state.revents) & (POLLERR | POLLHUP) != 0 { return false }
                isConnected = true
                continue
            }
            // Once connected, a server under load may take its time over the first line.
            if clock.now - start > (isConnected ? .seconds(5) : patience) { return false }
            try await Task.sleep(for: .milliseconds(2))
        }
    }
}
