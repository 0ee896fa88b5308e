import Foundation
import Testing

@testable import SSHTransport

@Suite struct HostCertificateTests {
    /// A certificate that ssh-keygen makes with these arguments.
    private func certificate(
        _ arguments: String, type: String = "ed25519", authority: String = "ed25519"
    ) throws -> String {
        let folder = try shell("mktemp -d")
        defer { _ = try? shell("rm -rf \(folder)") }
        return try shell(
            """
            cd \(folder); ssh-keygen -q -t \(type) -N '' -f key; ssh-keygen -q -t \(authority) -N '' -f ca
            ssh-keygen -q -s ca -I test \(arguments) key.pub; cut -d' ' -f1,2 key-cert.pub
            """)
    }

    private func problem(
        _ arguments: String, name: String = "box", algorithms: String? = nil, now: UInt64 = 1_700_000_000
    ) throws -> String? {
        let certificate = try #require(HostCertificate(line: try certificate(arguments)))
        do {
            try certificate.check(name: name, algorithms: algorithms, now: now)
            return nil
        } catch {
            return error.reason
        }
    }

    @Test func `a certificate for the host is valid`() throws {
        #expect(try problem("-h -n box,other") == nil)
        #expect(try problem("-h", name: "anything") == nil, "without principals it is for every host, as ssh has it")
        #expect(try problem("-h -n box", algorithms: "rsa-sha2-512,ssh-ed25519") == nil)
    }

    @Test func `what does not prove who the host is, is named`() throws {
        #expect(try problem("-n box")?.contains("of a user") == true)
        #expect(try problem("-h -n box", name: "bo")?.contains("is for box, not for bo") == true)
        #expect(try problem("-h -n '*.test'", name: "box.test") != nil, "ssh does not take it for a pattern either")
        #expect(try problem("-h -n box -V 20200101:20210101")?.contains("expired") == true)
        #expect(try problem("-h -n box -V 20400101:20410101")?.contains("not valid yet") == true)
        #expect(try problem("-h -n box", algorithms: "rsa-sha2-512")?.contains("CASignatureAlgorithms") == true)
    }

    @Test(arguments: ["ed25519", "rsa", "ecdsa"]) func `the signature is verified`(type: String) async throws {
        let line = try certificate("-h -n box", type: type, authority: type)
        let good = try #require(HostCertificate(line: line))
        try await good.verifySignature()
        // Another name, as long as the first.
        let words = line.split(separator: " ").map(String.init)
        var blob = [UInt8](try #require(Data(base64Encoded: words[1])))
        let place = try #require(blob.indices.first { blob[$0...].starts(with: "box".utf8) })
        blob[place] = UInt8(ascii: "f")
        let forged = try #require(HostCertificate(line: "\(words[0]) \(Data(blob).base64EncodedString())"))
        try forged.check(name: "fox", algorithms: nil)
        await #expect(throws: HostCertificate.Invalid.self) { try await forged.verifySignature() }
    }

    @Test func `what is cut short is not a certificate`() throws {
        let words = try certificate("-h -n box").split(separator: " ").map(String.init)
        let blob = [UInt8](try #require(Data(base64Encoded: words[1])))
        for count in 0..<blob.count {
            #expect(HostCertificate(line: "\(words[0]) \(Data(blob[..<count]).base64EncodedString())") == nil)
        }
        #expect(HostCertificate(line: "") == nil && HostCertificate(line: "ssh-ed25519 ###") == nil)
    }
}

extension WithServer {
    @Suite struct HostCertificates {
        private func server(_ validity: String = "") throws -> Server {
            let server = try Server(
                options: "HostCertificate DIRECTORY/host_ed25519-cert.pub",
                preparation: """
                    ssh-keygen -q -t ed25519 -N '' -f ca
                    ssh-keygen -q -s ca -I host -h -n box.test \(validity) host_ed25519.pub
                    """)
            try shell("cd \(server.directory); echo \"@cert-authority *.test $(cut -d' ' -f1,2 ca.pub)\" > known_hosts")
            try server.configure("HostKeyAlias box.test")
            return server
        }

        @Test func `a certificate of an authority in known_hosts is accepted without a question`() async throws {
            let server = try server()
            let connection = try await server.connect(Nobody())
            #expect(try await (try await connection.exec("true")).collect().status == .exited(0))
            #expect(connection.warnings == [])
            #expect(try server.text("known_hosts").split(separator: "\n").count == 1)
        }

        @Test func `an expired certificate is refused with its reason, and nobody can be asked`() async throws {
            let server = try server("-V 20200101:20210101")
            do {
                _ = try await server.connect(Nobody())
                Issue.record("accepted an expired certificate")
            } catch let error as TransportError {
                guard case .hostCertificateInvalid(_, let reason, _) = error else { throw error }
                #expect(reason == "it has expired")
                #expect(error.isUnreachable && error.remedy.contains("host-keys = [\"ssh-ed25519 AAAA"))
            }
            let person = Person(says: false)
            await #expect(throws: TransportError.self) { _ = try await server.connect(person) }
            #expect(person.asked.first?.contains("Its certificate is not accepted: it has expired.") == true)
        }

        @Test func `a revoked authority is refused even if the key is known`() async throws {
            let server = try server()
            try server.know("ed25519", as: "*")
            try shell("cd \(server.directory); echo \"@revoked * $(cut -d' ' -f1,2 ca.pub)\" >> known_hosts")
            do {
                _ = try await server.connect(Person(says: true))
                Issue.record("accepted a certificate of a revoked authority")
            } catch let error as TransportError {
                guard case .hostKeyRevoked = error else { throw error }
            }
        }
    }
}
