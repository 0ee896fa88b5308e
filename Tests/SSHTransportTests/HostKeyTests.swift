import Foundation
import Testing

@testable import SSHTransport

extension WithServer {
    @Suite struct HostKeyChecks {
        private func fingerprint(_ server: Server, _ type: String = "ed25519") throws -> String {
            try shell("ssh-keygen -lf \(server.directory)/host_\(type).pub | cut -d' ' -f2")
        }

        @Test func `an unknown host key is confirmed once and saved`() async throws {
            let server = try Server()
            try server.forget()
            let person = Person(says: true)
            _ = try await server.connect(person)
            #expect(person.asked.count == 1)
            #expect(try person.asked[0].contains(fingerprint(server)))
            let line = try server.text("known_hosts")
            #expect(line.hasPrefix("[127.0.0.1]:\(server.port) ssh-ed25519 "))
            // The next connection does not ask and writes nothing.
            _ = try await server.connect(Nobody())
            #expect(try server.text("known_hosts") == line)
            #expect(try shell("stat -c %a \(server.directory)/known_hosts") == "600")
        }

        @Test func `a hashed host name is written and found`() async throws {
            let server = try Server()
            try server.configure("HashKnownHosts yes")
            try "# no newline at the end".write(
                toFile: server.directory + "/known_hosts", atomically: true, encoding: .utf8)
            _ = try await server.connect(Person(says: true))
            #expect(try server.text("known_hosts").contains("\n|1|"))
            _ = try await server.connect(Nobody())
        }

        @Test func `an unknown host key can be declined`() async throws {
            let server = try Server()
            try server.forget()
            let expected = TransportError.hostKeyUnknown(
                host: "box", keyType: "ssh-ed25519", fingerprint: try fingerprint(server),
                key: try shell("cut -d' ' -f1,2 \(server.directory)/host_ed25519.pub"))
            await #expect(throws: expected) { _ = try await server.connect(Person(says: false)) }
            #expect(!FileManager.default.fileExists(atPath: server.directory + "/known_hosts"))
        }

        @Test func `without a terminal an unknown host key is an error with the line that pins it`() async throws {
            let server = try Server()
            try server.forget()
            let key = try shell("cut -d' ' -f1,2 \(server.directory)/host_ed25519.pub")
            do {
                _ = try await server.connect(Nobody())
                Issue.record("connected to an unknown host")
            } catch let error as TransportError {
                #expect(error.isUnreachable)
                #expect(error.remedy.hasSuffix("host-keys = [\"\(key)\"]"))
            }
        }

        /// `ssh` connects in this case too.
        @Test func `a known_hosts that cannot be written is a warning`() async throws {
            let server = try Server()
            try server.forget()
            try shell("mkdir \(server.directory)/known_hosts")
            let connection = try await server.connect(Person(says: true))
            #expect(connection.warnings.contains { $0.contains("the host key cannot be written to") })
        }

        @Test func `strict checking does not ask`() async throws {
            let server = try Server()
            try server.forget()
            try server.configure("StrictHostKeyChecking yes")
            await #expect(throws: TransportError.self) { _ = try await server.connect(Person(says: true)) }
            try server.configure("StrictHostKeyChecking accept-new")
            _ = try await server.connect(Nobody())
        }

        @Test func `a changed host key is refused without a question`() async throws {
            let server = try Server()
            let other = try Server()
            try shell(
                "echo \"[127.0.0.1]:\(server.port) $(cut -d' ' -f1,2 \(other.directory)/host_ed25519.pub)\" "
                    + ">\(server.directory)/known_hosts"
            )
            let expected = TransportError.hostKeyChanged(
                host: "box", presented: "ssh-ed25519 \(try fingerprint(server))",
                expected: [
                    ExpectedHostKey(
                        fingerprint: "ssh-ed25519 \(try fingerprint(other))",
                        source: "\(server.directory)/known_hosts:1")
                ])
            let person = Person(says: true)
            await #expect(throws: expected) { _ = try await server.connect(person) }
            #expect(person.asked == [])
        }

        @Test func `a revoked host key is refused even if it is not known`() async throws {
            let server = try Server()
            try server.forget()
            try server.know("ed25519", marker: "@revoked")
            let expected = TransportError.hostKeyRevoked(
                host: "box", fingerprint: try fingerprint(server), source: "\(server.directory)/known_hosts:1")
            await #expect(throws: expected) { _ = try await server.connect(Person(says: true)) }
        }

        @Test func `a revoked host key is refused even if hosts.conf pins it`() async throws {
            let server = try Server()
            try server.forget()
            try server.know("ed25519", marker: "@revoked")
            let pinned = server.destination(hostKeys: [try server.text("host_ed25519.pub")])
            let expected = TransportError.hostKeyRevoked(
                host: "box", fingerprint: try fingerprint(server), source: "\(server.directory)/known_hosts:1")
            await #expect(throws: expected) { _ = try await Connection.connect(to: pinned, prompter: Nobody()) }
        }

        /// OpenSSH accepts CR LF, which Swift counts as one Character: split by Characters, the file would be one line.
        @Test func `known_hosts may have CRLF line endings`() async throws {
            let server = try Server(), other = try Server()
            func known(_ marker: String, _ key: Server) throws {
                try shell(
                    "printf '# comment\\r\\n%s[127.0.0.1]:%s %s\\r\\n' '\(marker)' \(server.port) "
                        + "\"$(cut -d' ' -f1,2 \(key.directory)/host_ed25519.pub)\" >\(server.directory)/known_hosts")
            }
            try server.configure("StrictHostKeyChecking accept-new")
            try known("", server)
            _ = try await server.connect(Nobody())
            #expect(try server.text("known_hosts").utf8.count { $0 == UInt8(ascii: "\n") } == 2, "nothing was added")

            try known("", other)
            let changed = TransportError.hostKeyChanged(
                host: "box", presented: "ssh-ed25519 \(try fingerprint(server))",
                expected: [
                    ExpectedHostKey(
                        fingerprint: "ssh-ed25519 \(try fingerprint(other))",
                        source: "\(server.directory)/known_hosts:2")
                ])
            await #expect(throws: changed) { _ = try await server.connect(Nobody()) }

            try known("@revoked ", server)
            let revoked = TransportError.hostKeyRevoked(
                host: "box", fingerprint: try fingerprint(server), source: "\(server.directory)/known_hosts:2")
            await #expect(throws: revoked) { _ = try await server.connect(Nobody()) }
        }

        @Test func `pinned host keys replace known_hosts`() async throws {
            let server = try Server()
            let other = try Server()
            try server.forget()
            let pinned = server.destination(hostKeys: [try server.text("host_ed25519.pub")])
            _ = try await Connection.connect(to: pinned, prompter: Nobody())

            try server.know("ed25519")
            let wrong = server.destination(hostKeys: [try other.text("host_ed25519.pub")])
            do {
                _ = try await Connection.connect(to: wrong, prompter: Person(says: true))
                Issue.record("known_hosts outweighed the pinned key")
            } catch let error as TransportError {
                guard case .hostKeyChanged = error else { throw error }
                #expect(error.remedy.contains("hosts.conf"))
            }
            await #expect(throws: TransportError.hostKeyMalformed(host: "box", key: "ssh-ed25519 ###")) {
                _ = try await Connection.connect(
                    to: server.destination(hostKeys: ["ssh-ed25519 ###"]), prompter: Nobody())
            }
        }

        /// A server shows one key of several; it has to be the one that is known.
        @Test(arguments: ["ed25519", "rsa", "ecdsa"]) func `the server is asked for the type of the known key`(
            type: String
        ) async throws {
            let server = try Server(hostKeyTypes: ["ed25519", "rsa", "ecdsa"])
            try server.forget()
            try server.know(type)
            _ = try await server.connect(Nobody())
        }

        @Test func `a key of another type does not count as unknown`() async throws {
            let server = try Server()
            try server.forget()
            try shell("cd \(server.directory); ssh-keygen -q -t rsa -N '' -f host_rsa")
            try server.know("rsa")
            await #expect(throws: TransportError.self) { _ = try await server.connect(Person(says: true)) }
        }

        /// A server counts connections that have not logged in, and drops others above the limit.
        @Test func `refused connections are closed`() async throws {
            let server = try Server(options: "MaxStartups 3")
            try server.configure("StrictHostKeyChecking yes\nHostKeyAlias other")
            for _ in 0..<8 { await #expect(throws: TransportError.self) { _ = try await server.connect() } }
            try server.configure("")
            _ = try await server.connect()
        }

        @Test func `concurrent connections add a key once`() async throws {
            let server = try Server()
            try server.forget()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<5 { group.addTask { _ = try await server.connect(Person(says: true)) } }
                try await group.waitForAll()
            }
            #expect(try server.text("known_hosts").split(separator: "\n").count == 1)
        }
    }
}
