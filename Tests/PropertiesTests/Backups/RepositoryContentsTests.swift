import PropelTesting
import RecordedOperations
import Testing

@testable import Properties

/// What a repository contains, as restic 0.14 and Borg 1.2 tell it.
@Suite(.recorded) struct RepositoryContentsTests {
    private let fake = FakeMachine()
    private let shop: FilePath = "/var/backups/propel/shop"

    init() { fake.files.put("/proc/sys/kernel/hostname", "web1\n") }

    private func answer(_ answers: [String: String], of program: String = "flock") {
        fake.commands.program(program) { command in
            let line = command.arguments.joined(separator: " ")
            return .printing(answers.first { line.contains($0.key) }?.value ?? "")
        }
    }

    @Test func `restic lists, looks into and restores snapshots`() async throws {
        let backup = Restic("nas", to: "/srv/r", password: Secret("restic"), paths: ["/var/backups/propel"]).backup
        answer([
            " snapshots ":
                #"[{"time":"2026-11-30T01:00:31Z","id":"44a3"},{"time":"2026-11-30T01:00:33Z","id":"561f"}]"#,
            " ls ": "\(shop)\n\(shop)/.halted\n\(shop)/A\n\(shop)/B\n/var/backups/propel/shopping/C\n",
        ])
        #expect(try await backup.snapshots(on: fake.machine) == ["561f", "44a3"])
        #expect(try await backup.names(in: shop, of: "561f", on: fake.machine) == [".halted", "A", "B"])
        try await backup.restore([shop.appending("A")], of: "561f", below: "/srv/new", on: fake.machine)
        let locked = "flock /run/propel-restic-nas.lock /usr/local/sbin/restic-nas"
        #expect(
            fake.commands.log == [
                "\(locked) snapshots --json --tag=propel-nas --host=web1",
                "\(locked) ls --quiet 561f /var/backups/propel/shop",
                "\(locked) restore 561f --quiet --target=/srv/new --include=/var/backups/propel/shop/A",
            ])
    }

    @Test func `Borg lists, looks into and restores archives`() async throws {
        let backup = Borg("nas", to: "/srv/b", password: Secret("borg"), paths: ["/var/backups/propel"]).backup
        answer([
            "--glob-archives": "web1-nas-2026-11-30T01:01:08\nweb1-nas-2026-11-30T01:01:19\n",
            "::": "var/backups/propel/shop\nvar/backups/propel/shop/A\nvar/backups/propel/shop/A/backup.json\n",
        ])
        answer([:], of: "/bin/sh")
        let archive = "web1-nas-2026-11-30T01:01:19"
        #expect(try await backup.snapshots(on: fake.machine).first == archive)
        #expect(try await backup.names(in: shop, of: archive, on: fake.machine) == ["A"])
        try await backup.restore([shop.appending("A")], of: archive, below: "/srv/new", on: fake.machine)
        let locked = "flock /run/propel-borg-nas.lock /usr/local/sbin/borg-nas"
        #expect(
            fake.commands.log == [
                "\(locked) list --short '--glob-archives=web1-nas-????-??-??T??:??:??'",
                "\(locked) list --short ::\(archive) var/backups/propel/shop",
                #"/bin/sh -c 'cd -- "$1" && shift && exec "$@"' sh /srv/new "#
                    + "\(locked) extract ::\(archive) var/backups/propel/shop/A",
            ])
    }

    @Test func `a repository that cannot be read is an error`() async throws {
        let backup = Restic("nas", to: "/srv/r", password: Secret("restic"), paths: ["/var/backups/propel"]).backup
        fake.commands.program("flock", status: 1)
        await #expect(throws: CommandFailure.self) { try await backup.snapshots(on: fake.machine) }
        fake.commands.program("flock", prints: "no JSON")
        let failure = await #expect(throws: Failure.self) { try await backup.snapshots(on: fake.machine) }
        #expect(failure?.message == "unexpected answer of restic about its snapshots: “no JSON”")
    }

    /// There may be no backup of a stack yet, and a path that is missing is a failure.
    @Test func `the directory of the backups of stacks is there`() {
        func directories(_ path: FilePath) -> [String] {
            Host("x", runs: Debian.self) {
                Restic("nas", to: "/srv/r", password: Secret("restic"), paths: [path])
            }.steps.compactMap { ($0.property as? Directory)?.path.string }
        }
        #expect(directories("/var/backups/propel").contains("/var/backups/propel"))
        #expect(!directories("/etc").contains("/var/backups/propel"))
    }
}
