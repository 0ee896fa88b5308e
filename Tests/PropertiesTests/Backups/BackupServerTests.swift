import PropelTesting
import RecordedOperations
import Testing

@testable import Properties

/// Repositories of other hosts on this one.
@Suite(.recorded) struct BackupServerTests {
    private static let anna = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMqUPVs1oiMglLs1tz7O9GeF05wWwk9Fv33DvNZ1AHR1 root@a"
    private static let bert = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPZnpcnnB4YHsj1wBoS2Uw2aPnCL2aL/cTrCIol7D4vb root@b"
    private let nas = FleetHost("nas", role: "nas", address: "2001:db8::7", port: 2222)

    private func parts(of server: some Declarable<DebianLike>) -> [any Property] {
        Host("nas", runs: Debian.self) { server }.steps.map(\.property)
    }

    private func problems(_ server: some Declarable<DebianLike>) -> [String] {
        parts(of: server).flatMap(\.problems)
    }

    // MARK: - Borg

    @Test func `the key of a client runs borg serve in its own directory`() throws {
        let server = Borg.Server(clients: ["web2": Self.bert, "web1": Self.anna])
        let properties = parts(of: server)
        #expect(properties.flatMap(\.problems).isEmpty)
        let keys = try #require(properties.compactMap { $0 as? AuthorizedKeys }.first)
        #expect(
            keys.keys == [
                "restrict,command=\"/usr/bin/borg serve --restrict-to-path /srv/borg/web1\" \(Self.anna)",
                "restrict,command=\"/usr/bin/borg serve --restrict-to-path /srv/borg/web2\" \(Self.bert)",
            ])
        // One that is no longer declared is let in no longer.
        #expect(keys.user == "borg" && keys.exclusive && keys.path == nil)
        let user = try #require(properties.compactMap { $0 as? User }.first)
        // A forced command is run by the shell of the user.
        #expect(user.login == "borg" && user.home == "/srv/borg" && user.shell == "/bin/sh" && user.isSystem)
        let directories = properties.compactMap { $0 as? Directory }
        #expect(directories.map(\.path) == ["/srv/borg", "/srv/borg/web1", "/srv/borg/web2"])
        #expect(directories.allSatisfy { $0.owner == "borg" && $0.mode == 0o700 })
    }

    @Test func `the directory of borg may be the top of a disk`() async throws {
        let fake = FakeMachine()
        plantAccountPrograms(fake)
        fake.files.put("/bin/sh", "", mode: 0o755)
        fake.files.put(directory: "/mnt/disk")
        let properties = parts(of: Borg.Server(in: "/mnt/disk", clients: ["web1": Self.anna]))
        let user = try #require(properties.compactMap { $0 as? User }.first)
        #expect(try await fake.obeysLaw(user).reason == "create")
        let directory = try #require(properties.compactMap { $0 as? Directory }.first)
        try await fake.obeysLaw(directory)
        let found = try #require(fake.files["/mnt/disk"]?.status)
        #expect(found.mode == 0o700 && found.owner == Owner(user: 1001, group: 1001))
    }

    @Test func `a client that can only add`() {
        let server = Borg.Server(in: "/mnt/disk/borg", clients: ["web1": Self.anna], isAppendOnly: true)
        #expect(
            server.lines == [
                "restrict,command=\"/usr/bin/borg serve --restrict-to-path /mnt/disk/borg/web1 --append-only\" "
                    + Self.anna
            ])
    }

    @Test func `the client names its repository as the server has it`() {
        #expect(Borg.Server.address(on: nas, of: "web1", "stacks") == "ssh://borg@[2001:db8::7]:2222/./web1/stacks")
        #expect(
            Restic.Server.address(on: nas, of: "web1", "stacks")
                == "sftp://restic-web1@[2001:db8::7]:2222//data/stacks")
    }

    // MARK: - Restic

    @Test func `a client of restic is confined to its directory by sshd`() throws {
        let server = Restic.Server(clients: ["web2": Self.bert, "web1": Self.anna])
        let properties = parts(of: server)
        #expect(properties.flatMap(\.problems).isEmpty)
        #expect(
            server.settings.text(isOld: false) == """
                Match User restic-web1,restic-web2
                    AuthorizedKeysFile /etc/ssh/propel-restic/%u
                    AuthenticationMethods publickey
                    ChrootDirectory /srv/restic/%u
                    ForceCommand internal-sftp
                    AllowTcpForwarding no
                    AllowAgentForwarding no
                    X11Forwarding no
                    PermitTunnel no
                    PermitTTY no

                """)
        let keys = properties.compactMap { $0 as? AuthorizedKeys }
        #expect(keys.map(\.keys) == [["restrict \(Self.anna)"], ["restrict \(Self.bert)"]])
        #expect(keys.map(\.path) == ["/etc/ssh/propel-restic/restic-web1", "/etc/ssh/propel-restic/restic-web2"])
        let directories = properties.compactMap { $0 as? Directory }
        // sshd accepts a chroot of root alone.
        for path: FilePath in ["/srv/restic", "/srv/restic/restic-web1"] {
            #expect(directories.first { $0.path == path }?.owner == "root")
        }
        let data = try #require(directories.first { $0.path == "/srv/restic/restic-web1/data" })
        #expect(data.owner == "restic-web1" && data.mode == 0o700)
        // Nothing but sftp, which needs no shell.
        #expect(properties.compactMap { $0 as? User }.allSatisfy { $0.isSystem && $0.shell == nil && !$0.createsHome })
    }

    @Test func `without clients sshd lets none in`() {
        let properties = parts(of: Restic.Server(clients: [:]))
        #expect(properties.flatMap(\.problems).isEmpty)
        #expect(!properties.contains { $0 is AuthorizedKeys || $0 is User })
        #expect(parts(of: Borg.Server(clients: [:])).contains { ($0 as? AuthorizedKeys)?.keys == [] })
    }

    // MARK: - Problems

    private static let refused: [([String: String], String)] = [
        (["": anna], "invalid name"), (["../b": anna], "invalid name"), (["a b": anna], "invalid name"),
        (["a\"b": anna], "invalid name"), ([".ssh": anna], "invalid name"),
        ([String(repeating: "a", count: 65): anna], "invalid name"),
        (["web1": "ssh-ed25519 AAAA"], "invalid public key"),
        (["web1": anna + "\n" + bert], "invalid public key"), (["web1": "pty \(anna)"], "the key of web1 has options"),
        (["web1": anna, "web2": anna], "web1 and web2 have the same key"),
    ]

    @Test(arguments: refused)
    func `clients that could reach more than theirs are refused`(_ clients: [String: String], _ problem: String) {
        #expect(problems(Borg.Server(clients: clients)).contains { $0.hasPrefix(problem) })
        #expect(problems(Restic.Server(clients: clients)).contains { $0.hasPrefix(problem) })
    }

    @Test func `a client of borg may have the whole name of its host`() {
        let clients = ["frontend-01.production.example.com": Self.anna]
        #expect(problems(Borg.Server(clients: clients)).isEmpty)
        // Of a user there are 32 characters.
        #expect(problems(Restic.Server(clients: clients)).contains { $0.contains("Use at most 25 letters") })
        #expect(problems(Restic.Server(clients: [String(repeating: "a", count: 25): Self.anna])).isEmpty)
    }

    @Test(arguments: ["srv/borg", "/", "/srv/my borg", "/srv/../etc", "/srv/$(id)"] as [FilePath])
    func `a directory that a shell would read otherwise is refused`(_ directory: FilePath) {
        #expect(!problems(Borg.Server(in: directory, clients: ["web1": Self.anna])).isEmpty)
        #expect(!problems(Restic.Server(in: directory, clients: ["web1": Self.anna])).isEmpty)
    }
}
