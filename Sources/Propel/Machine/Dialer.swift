import CLinux
import Libc
import Vocabulary

/// Opens TCP connections from the machine.
public protocol Dialer: Sendable {
    /// Connects to an address, sends a request, and reads the answer.
    /// - Parameters:
    ///   - address: a numeric IPv4 or IPv6 address.
    ///   - port: the TCP port.
    ///   - request: what is sent.
    ///   - timeout: for the connection, and once more for the rest.
    ///   - isComplete: whether enough of the answer has come; reading also ends when the other side closes.
    /// - Returns: what was read, at most ``DialerLimits/answer`` bytes.
    /// - Throws: `Errno` if no connection comes about, or it breaks, in time.
    func exchange(
        _ request: [UInt8], with address: String, port: UInt16, timeout: Duration,
        isComplete: @escaping @Sendable ([UInt8]) -> Bool
    ) async throws -> [UInt8]
}

/// The limits of a ``Dialer``.
public enum DialerLimits {
    /// The bytes of an answer that are read: 1 MiB.
    public static let answer = 1 << 20
}

/// The TCP connections of this machine.
public struct LocalDialer: Dialer {
    public init() {}

    public func exchange(
        _ request: [UInt8], with address: String, port: UInt16, timeout: Duration,
        isComplete: @escaping @Sendable ([UInt8]) -> Bool
    ) async throws -> [UInt8] {
        try await BlockingThread.run {
            let raw = propel_connect(address, port, Self.milliseconds(timeout))
            guard raw >= 0 else { throw Errno(rawValue: -raw) }
            let socket = FileDescriptor(rawValue: raw)
            defer { try? socket.close() }
            var limit = TimeLimit(timeout)
            var sent = 0
            while sent < request.count {
                try Self.wait(for: Int16(POLLOUT), on: raw, until: &limit)
                let count = request[sent...].withUnsafeBytes { propel_send(raw, $0.baseAddress, $0.count) }
                guard count >= 0 else { throw Errno(rawValue: errno) }
                sent += count
            }
            var answer: [UInt8] = []
            while answer.count < DialerLimits.answer, !isComplete(answer) {
                try Self.wait(for: Int16(POLLIN), on: raw, until: &limit)
                let part = try socket.part(upTo: 16 * 1024)
                if part.isEmpty { break }
                answer += part
            }
            return answer
        }
    }

    private static func milliseconds(_ time: Duration) -> Int32 { Int32(max(0, min(600_000, time.inSeconds * 1000))) }

    private static func wait(for events: Int16, on raw: Int32, until limit: inout TimeLimit) throws {
        var waiting = pollfd(fd: raw, events: events, revents: 0)
        while true {
            let left = limit.left()
            switch poll(&waiting, 1, milliseconds(min(left, limit.longestStep))) {
            case 0: if left == .zero { throw Errno.timedOut }
            case ..<0: throw Errno(rawValue: errno)
            default: return
            }
        }
    }
}
