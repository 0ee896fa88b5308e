import Foundation
import Testing

@testable import SSHTransport

extension WithServer {
    /// A relay that takes nothing for a while, and a viewer that is killed.
    @Suite struct SlowLinks {
        /// A connection through the relay, with a link that counts as dead after 4 s: a busy computer must not take
        /// as long to answer.
        private func connect(_ server: Server, through relay: Relay) async throws -> Connection {
            try server.configure("Port \(relay.port)\nHostKeyAlias box")
            try server.know("ed25519", as: "box")
            return try await Connection.connect(
                to: server.destination(), prompter: Nobody(), resolver: SystemResolver(),
                liveness: Liveness(interval: .seconds(1)))
        }

        /// Starts an enforcer of 6 MB, which has to be uploaded.
        private func upload(_ connection: Connection, _ server: Server) async throws -> [String] {
            let enforcer = try server.enforcer(
                "echo done; exit; \(try shell("head -c 6000000 /dev/urandom | base64 -w 0"))")
            let run = try await connection.start(
                enforcer: { _ in enforcer }, arguments: [], become: .unneeded, directory: server.target)
            var lines: [String] = []
            for try await line in run.lines { lines.append(line) }
            return lines
        }

        @Test func `an upload goes on after the window was closed for longer than silence is allowed`() async throws {
            let server = try Server()
            let relay = try Relay(to: server, pausingAfter: 300_000)
            let connection = try await connect(server, through: relay)
            async let lines = upload(connection, server)
            try relay.waitForPause()
            try await Task.sleep(for: .seconds(6))
            try relay.resume()
            #expect(try await lines == ["done"])
        }

        /// The relay would end, and with it the link, before a blocked write did.
        @Test func `an upload that waits for the window can be cancelled`() async throws {
            let server = try Server()
            let relay = try Relay(to: server, pausingAfter: 300_000)
            let connection = try await connect(server, through: relay)
            let uploading = Task { try await upload(connection, server) }
            try relay.waitForPause()
            uploading.cancel()
            await #expect(throws: CancellationError.self) { _ = try await uploading.value }
            await connection.close()
            withExtendedLifetime(relay) {}
        }

        @Test(arguments: [false, true]) func `a viewer that is killed ends the stream, and what it started goes on`(
            usesSudo: Bool
        ) async throws {
            let server = try Server()
            if usesSudo { try server.install("sudo", Fake.sudo(server, mode: "free")) }
            // As the enforcer does: the run keeps the viewer's standard input.
            let enforcer = try server.enforcer(
                """
                # It ends by itself if the test is killed.
                sh -c 'for i in $(seq 36000); do [ -e \(server.directory)/end ] && exit; sleep 0.1; done' \\
                    >/dev/null 2>&1 &
                echo begun; kill -KILL $$
                """)
            let connection = try await server.connect()
            let run = try await connection.start(
                enforcer: { _ in enforcer }, arguments: [], become: usesSudo ? .sudo : .unneeded,
                directory: server.target)
            var lines: [String] = []
            for try await line in run.lines { lines.append(line) }
            #expect(lines == ["begun"])
            let status = try await run.exitStatus()
            #expect(status == .signalled("KILL") || status == .exited(137), "\(String(describing: status))")
            try shell("touch \(server.directory)/end")
        }
    }
}
