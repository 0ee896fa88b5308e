import Propel
import Synchronization

/// Servers as closures. A connection to any other address is refused.
public final class FakeDialer: Dialer {
    /// Returns the answer to a request.
    public typealias Server = @Sendable (String) throws -> String

    private let servers = Mutex<[String: Server]>([:])

    public init() {}

    /// Adds a server.
    /// - Parameters:
    ///   - address: its numeric address and port: `127.0.0.1:80`.
    ///   - answer: its answer to each request.
    public func server(_ address: String, _ answer: @escaping Server) { servers.withLock { $0[address] = answer } }

    public func exchange(
        _ request: [UInt8], with address: String, port: UInt16, timeout: Duration,
        isComplete: @escaping @Sendable ([UInt8]) -> Bool
    ) async throws -> [UInt8] {
        guard let server = servers.withLock({ $0["\(address):\(port)"] }) else { throw Errno.connectionRefused }
        return Array(try server(String(decoding: request, as: UTF8.self)).utf8)
    }
}
