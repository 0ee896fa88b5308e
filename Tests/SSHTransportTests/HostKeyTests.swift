import Foundation
import Testing

@testable import SSHTransport

extension WithServer {
    @Suite struct HostKeyChecks {
        private func fingerprint(_ server: Server, _ type: String = "ed25519") throws -> String {
            try shell("ssh-keygen -lf \(server.directory)/host_\(type).pub | cut -d' ' -f2")
        }

        @Test func anUnknownKeyIsAskedForOnceAndKept() async throws {
            let server = try Server()
            try server.forget()
            let person = Person(says: true)
            _ = try await server.connect(person)
            #expect(person.asked.count == 1)
            #expect(try person.asked[0].contains(fingerprint(server)))
            let line = try server.text("known_hosts")
            #expect(line.hasPrefix("[127.0.0.1]:\(server.port) ssh-ed25519 "))
            // The next one asks nobody, and writes nothing.
            _ = try await server.connect(Nobody())
            #expect(try server.text("known_hosts") == line)
            #expect(try shell("stat -c %a \(server.directory)/known_hosts") == "600")
        }

        @Test func aHashedNameIsWrittenAndFound() async throws {
            let server = try Server()
            try server.configure("HashKnownHosts yes")
            try "# no newline at the end".write(
                toFile: server.directory + "/known_hosts", atomically: true, encoding: .utf8)
            _ = try await server.connect(Person(says: true))
            #expect(try server.text("known_hosts").contains("\n|1|"))
            _ = try await server.connect(Nobody())
        }

        @Test func anUnknownKeyMayBeDeclined() async throws {
            let server = try Server()
            try server.forget()
            let expected = TransportError.hostKeyUnknown(
                host: "box", keyType: "ssh-ed25519", fingerprint: try fingerprint(server))
            await #expect(throws: expected) { _ = try await server.connect(Person(says: false)) }
            #expect(!FileManager.default.fileExists(atPath: server.directory + "/known_hosts"))
        }

        @Test func strictCheckingAsksNobody() async throws {
            let server = try Server()
            try server.forget()
            try server.configure("StrictHostKeyChecking yes")
            await #expect(throws: TransportError.self) { _ = try await server.connect(Person(says: true)) }
            try server.configure("StrictHostKeyChecking accept-new")
            _ = try await server.connect(Nobody())
        }

        @Test func aChangedKeyIsRefusedAtOnce() async throws {
            let server = try Server()
            let other = try Server()
            try shell(
                "echo \"[127.0.0.1]:\(server.port) $(cut -d' ' -f1,2 \(other.directory)/host_ed25519.pub)\" >\(server.directory)/known_hosts"
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

        @Test func aRevokedKeyIsRefusedAlthoughNobodyKnowsIt() async throws {
            let server = try Server()
            try server.forget()
            try server.know("ed25519", marker: "@revoked")
            let expected = TransportError.hostKeyRevoked(
                host: "box", fingerprint: try fingerprint(server), source: "\(server.directory)/known_hosts:1")
            await #expect(throws: expected) { _ = try await server.connect(Person(says: true)) }
        }

        @Test func onlyPinnedKeysCountWhereThereAreAny() async throws {
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
        @Test(arguments: ["ed25519", "rsa", "ecdsa"]) func theKnownKeyIsAskedFor(type: String) async throws {
            let server = try Server(hostKeyTypes: ["ed25519", "rsa", "ecdsa"])
            try server.forget()
            try server.know(type)
            _ = try await server.connect(Nobody())
        }

        @Test func aKeyOfAnotherTypeIsNoNewKey() async throws {
            let server = try Server()
            try server.forget()
            try shell("cd \(server.directory); ssh-keygen -q -t rsa -N '' -f host_rsa")
            try server.know("rsa")
            await #expect(throws: TransportError.self) { _ = try await server.connect(Person(says: true)) }
        }

        @Test func manyConnectionsAddAKeyOnce() async throws {
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
