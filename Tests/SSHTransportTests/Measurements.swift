import Foundation
import Testing

@testable import SSHTransport

extension WithServer {
    /// Prints what a connection costs beside `ssh`; it asserts nothing. `SSH_MEASURE=1 swift test --filter
    /// Measurements`
    @Suite(.enabled(if: ProcessInfo.processInfo.environment["SSH_MEASURE"] != nil)) struct Measurements {
        private func median(_ rounds: Int, _ body: () async throws -> Void) async throws -> Double {
            var times: [Double] = []
            for _ in 0..<rounds {
                let elapsed = try await ContinuousClock().measure { try await body() }
                times.append(Double(elapsed.components.attoseconds) / 1e15 + Double(elapsed.components.seconds) * 1000)
            }
            return times.sorted()[rounds / 2]
        }

        @Test func besideSSH() async throws {
            let server = try Server()
            let propel = try await median(21) {
                let connection = try await server.connect()
                _ = try await (try await connection.exec("true")).collect()
                await connection.close()
            }
            let ssh = try await median(21) { try shell("ssh -F \(server.directory)/config -o BatchMode=yes box true") }
            let configuration = try await median(21) { _ = try await ClientConfiguration.resolve(server.destination()) }
            print(
                "connect, exec, exit: \(propel) ms; ssh: \(ssh) ms; ratio \(propel / ssh); ssh -G alone: "
                    + "\(configuration) ms"
            )

            let connection = try await server.connect()
            let channel = try await connection.exec("cat >/dev/null")
            let block = [UInt8](repeating: 7, count: 1 << 20)
            let sending = try await median(1) {
                for _ in 0..<200 { try await channel.write(block) }
                try await channel.finishWriting()
                _ = try await channel.collect()
            }
            let source = try await connection.exec("head -c 209715200 /dev/zero")
            let receiving = try await median(1) { while try await source.next() != nil {} }
            print("200 MB there: \(sending) ms, back: \(receiving) ms")
        }
    }
}
