import Foundation
import Propel
import Testing

/// Connections to a server in this process.
@Suite struct DialerTests {
    /// Listens on 127.0.0.1 and answers one connection.
    private func serve(_ answer: [UInt8], afterReading count: Int) throws -> UInt16 {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, size) == 0 && listen(listener, 1) == 0 && getsockname(listener, $0, &size) == 0
            }
        }
        #expect(isBound)
        Thread.detachNewThread {
            let connection = accept(listener, nil, nil)
            var request = [UInt8](repeating: 0, count: 4096), total = 0
            while total < count {
                let read = recv(connection, &request, request.count, 0)
                if read <= 0 { break }
                total += read
            }
            _ = answer.withUnsafeBytes { send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            // First, so that a client which sees the end is refused the next time.
            close(listener)
            close(connection)
        }
        return UInt16(bigEndian: address.sin_port)
    }

    @Test func `a request is answered`() async throws {
        let port = try serve(Array("pong".utf8), afterReading: 4)
        let answer = try await LocalDialer().exchange(
            Array("ping".utf8), with: "127.0.0.1", port: port, timeout: .minutes(1)
        ) { _ in false }
        #expect(answer == Array("pong".utf8))
    }

    @Test func `reading ends when enough has come`() async throws {
        let port = try serve([UInt8](repeating: 1, count: 100_000), afterReading: 1)
        let answer = try await LocalDialer().exchange([1], with: "127.0.0.1", port: port, timeout: .minutes(1)) {
            !$0.isEmpty
        }
        #expect(!answer.isEmpty && answer.count < 100_000)
    }

    @Test func `a port on which nobody listens is refused`() async throws {
        // It was free a moment ago.
        let port = try serve([], afterReading: 0)
        _ = try await LocalDialer().exchange([], with: "127.0.0.1", port: port, timeout: .minutes(1)) { _ in false }
        await #expect(throws: Errno.self) {
            try await LocalDialer().exchange([], with: "127.0.0.1", port: port, timeout: .minutes(1)) { _ in false }
        }
    }

    @Test func `a silent server runs into the timeout`() async throws {
        let port = try serve([], afterReading: .max)
        await #expect(throws: Errno.timedOut) {
            try await LocalDialer().exchange(
                [1], with: "127.0.0.1", port: port, timeout: .milliseconds(20)
            ) { _ in false }
        }
    }

    @Test func `a name is no address`() async {
        await #expect(throws: Errno.invalidArgument) {
            try await LocalDialer().exchange([], with: "localhost", port: 80, timeout: .minutes(1)) { _ in false }
        }
    }
}
