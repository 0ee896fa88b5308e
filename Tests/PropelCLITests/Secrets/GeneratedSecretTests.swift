import Foundation
import Propel
import Properties
import SSHTransport
import SecretStore
import Testing

@testable import PropelCLI

/// Secrets that Propel generates, as the laptop makes them.
@Suite struct GeneratedSecretTests {
    private static let configuration = """
        [web1]
        role = "web"

        [web2]
        role = "web"

        [db1]
        role = "db"

        """

    private let fleet = Fleet(
        Role("web", runs: Debian.self) { _ in
            File("/etc/a", "\(Secret("own", generate: .password(32)))")
            File("/etc/b", "\(Secret("shared", generate: .password(16), for: .role))")
            File("/etc/c", "\(Secret("everywhere", generate: .key(.ed25519), for: .allHosts))")
        },
        Role("db", runs: Debian.self) { _ in
            File("/etc/c", "\(Secret("everywhere"))")
            File("/etc/d", "\(Secret("typed"))")
        })

    /// A checkout in a temporary folder, with an empty store.
    private func withCheckout(_ body: (Checkout) throws -> Void) throws {
        let folder = URL(filePath: NSTemporaryDirectory()).appending(path: "propel-generated-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Self.configuration.write(to: folder.appending(path: "hosts.conf"), atomically: true, encoding: .utf8)
        try Fleet.$current.withValue(fleet) { try body(Checkout(root: folder)) }
    }

    private func secrets(of name: String, only: [String] = [], in checkout: Checkout) throws -> HostSecrets {
        try HostSecrets(of: try checkout.targets([name])[0], only: only, in: checkout.secretStore)
    }

    @Test func `what is missing and is generated stops nothing`() throws {
        try withCheckout { checkout in
            let secrets = try secrets(of: "web1", in: checkout)
            #expect(secrets.stored.isEmpty)
            #expect(Set(secrets.versions.values).count == 1)
            #expect(
                Set(secrets.ungenerated.map { "\($0.name) for \($0.context): \($0.generator)" }) == [
                    "own for host web1: a password of 32 characters",
                    "shared for role web: a password of 16 characters", "everywhere for all: an Ed25519 key",
                ])
            // The role's and that for all are the same for another host.
            let others = try self.secrets(of: "web2", in: checkout)
            #expect(Set(secrets.ungenerated).intersection(others.ungenerated).count == 2)
        }
    }

    @Test func `a run on a part generates what the part needs`() throws {
        try withCheckout { checkout in
            let secrets = try secrets(of: "web1", only: ["file /etc/a"], in: checkout)
            #expect(secrets.ungenerated.map(\.name.description) == ["own"])
            #expect(secrets.versions.count == 3)
        }
    }

    @Test func `a host that does not say how has to be given the value`() throws {
        try withCheckout { checkout in
            let error = try #require(throws: UsageError.self) { try secrets(of: "db1", in: checkout) }
            #expect(error.description.contains("propel secret set everywhere"))
            #expect(error.description.contains("propel secret set typed"))
        }
    }

    @Test func `a generated password has its length and no two are the same`() throws {
        let (first, key) = try Secret.Generator.password(40).make(),
            (second, _) = try Secret.Generator.password(40).make()
        #expect(first.count == 40 && second.count == 40 && key == nil)
        #expect(!first.equals(second))
    }

    @Test func `a generated key is one that OpenSSH reads, and belongs to its public key`() async throws {
        let (key, publicKey) = try Secret.Generator.key(.ed25519).make()
        let text = key.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
        #expect(text.hasPrefix("-----BEGIN OPENSSH PRIVATE KEY-----\n"))
        #expect(text.hasSuffix("-----END OPENSSH PRIVATE KEY-----\n"))
        let line = try #require(publicKey)
        #expect(line.hasPrefix("ssh-ed25519 AAAA"))
        let body = text.split(separator: "\n").filter { !$0.hasPrefix("-----") }.joined()
        let data = try #require(Data(base64Encoded: body))
        #expect(data.starts(with: Array("openssh-key-v1\0".utf8)))
        // The blob of the public key is in the private one.
        let blob = try #require(Data(base64Encoded: String(line.dropFirst("ssh-ed25519 ".count))))
        #expect(data.firstRange(of: blob) != nil)
        #expect(try Secret.Generator.key(.ed25519).make().publicKey != publicKey)
    }

    /// Nothing is decrypted with it.
    private static let publicKey = (
        fingerprint: "21C8ABA69EC1DD66C4ECF688D3697FECBCF1DF4F",
        text: """
        -----BEGIN PGP PUBLIC KEY BLOCK-----

        mDMEZZIAgBYJKwYBBAHaRw8BAQdAGAqRg8nPlb7zS81r1mdZa0/y27M3ENBfOzTa
        SSJ59Fi0F0FubmEgPGFubmFAZXhhbXBsZS5jb20+iJAEExYIADgWIQQhyKumnsHd
        ZsTs9ojTaX/svPHfTwUCZZIAgAIbAwULCQgHAgYVCgkICwIEFgIDAQIeAQIXgAAK
        CRDTaX/svPHfT0ITAQCnDX0phYd3sqq/Ha2Ey+6uI88kUZ9bEKzly5CmvihqrgD/
        XUif27kKMkQykJTS2iOgT6C+ytMcZExZf2NMQUbMBgG4OARlkgCAEgorBgEEAZdV
        AQUBAQdA6t/xzjCrPqNgaqOcqg8noKR9oNB7T98YTpqEwpbazUcDAQgHiHgEGBYI
        ACAWIQQhyKumnsHdZsTs9ojTaX/svPHfTwUCZZIAgAIbDAAKCRDTaX/svPHfTy+f
        AQCb/QK3qSRqxYqimOf6h/nt+30Wsk/dd1Y/uKfbgEB+zQD+KUhULuG/iMLBHe0N
        i2v1SYH74bEdDmHmf6ivHtJlOgA=
        =vQmf
        -----END PGP PUBLIC KEY BLOCK-----

        """
    )

    @Test func `a secret that somebody else has made since stays`() throws {
        try withCheckout { checkout in
            let store = checkout.secretStore, keyring = store.folder.appending(path: "keyring")
            try FileManager.default.createDirectory(at: keyring, withIntermediateDirectories: true)
            try Self.publicKey.text.write(
                to: keyring.appending(path: "\(Self.publicKey.fingerprint).asc"), atomically: true, encoding: .utf8)
            let missing = try #require(try secrets(of: "web1", only: ["file /etc/a"], in: checkout).ungenerated.first)
            let made = try #require(try store.generate(missing)).secret, message = try store.message(of: made)
            #expect(try store.generate(missing) == nil)
            #expect(try store.message(of: made) == message)
            #expect(try store.rotate(made, missing.generator).isReplacement)
            #expect(try store.message(of: made) != message)
        }
    }

    @Test func `the reports name the file and show no plaintext`() throws {
        try withCheckout { checkout in
            let plan = SecretPlanReport(
                host: "web1", secrets: try secrets(of: "web1", only: ["file /etc/a"], in: checkout).ungenerated)
            #expect(
                plan.text.lines.joined()
                    == "web1: would generate the secret own for host web1: a password of 32 characters")
            #expect(plan.json.first?["status"] == "would-generate")
        }
    }

    @Test func `a secret that no host generates is not rotated`() throws {
        try withCheckout { checkout in
            let name = try #require(SecretName("typed"))
            let error = #expect(throws: UsageError.self) { try SecretRotation(of: [], name: name, in: checkout) }
            #expect(error?.description.hasPrefix("no host generates the secret typed") == true)
        }
    }

    @Test func `one that was not generated yet is not rotated either`() throws {
        try withCheckout { checkout in
            let name = try #require(SecretName("own"))
            let error = #expect(throws: UsageError.self) { try SecretRotation(of: [], name: name, in: checkout) }
            #expect(error?.description.hasPrefix("the secret own has not been generated yet") == true)
        }
    }

    @Test func `rotate takes the options of a deployment`() throws {
        let command = try #require(
            try PropelCommand.parseAsRoot(["secret", "rotate", "own", "--for", "web1", "--deploy", "--yes"])
                as? SecretRotate)
        #expect(command.deploy && command.git.yes && command.secret.context == "web1")
    }
}
