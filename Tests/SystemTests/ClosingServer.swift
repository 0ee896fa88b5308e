import Foundation

/// Accepts a connection, calls a closure, and closes the connection without sending anything.
final class ClosingServer: Sendable {
    private let socket: LoopbackPort
    var port: UInt16 { socket.number }

    init() throws {
        socket = try LoopbackPort()
        try socket.listen()
        guard fcntl(socket.descriptor, F_SETFL, O_NONBLOCK) == 0 else {
            throw Unexpected("cannot wait for a connection: \(String(cString: strerror(errno)))")
        }
    }

    func serveOne<Result>(_ body: () async throws -> Result) async throws -> Result {
        var connection: Int32 = -1
        try await eventually("somebody connects") {
            connection = accept(socket.descriptor, nil, nil)
            return connection >= 0
        }
        defer { close(connection) }
        return try await body()
    }
}
