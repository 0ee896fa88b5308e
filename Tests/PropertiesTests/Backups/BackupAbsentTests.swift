import PropelTesting
import RecordedOperations
import Testing

@testable import Properties

@Suite(.recorded) struct BackupAbsentTests {
    private let fake = FakeMachine()
    private let systemd: FakeSystemd

    init() {
        systemd = FakeSystemd(
            fake,
            [
                "restic-photos.timer": .init(active: "active", file: "enabled"),
                "restic-other.timer": .init(active: "active", file: "enabled"),
            ])
        for name in ["photos", "other"] {
            for unit in ["restic-\(name)", "restic-\(name)-check"] {
                for type in ["service", "timer"] {
                    fake.files.put(FilePath("/etc/systemd/system/\(unit).\(type)"), "[Unit]\n")
                }
            }
            fake.files.put(FilePath("/usr/local/sbin/restic-\(name)"), "#!/bin/bash\n", mode: 0o700)
            fake.files.put(FilePath("/etc/restic/\(name)/password"), "secret", mode: 0o600)
            fake.files.put(FilePath("/etc/restic/\(name)/environment/KEY"), "secret", mode: 0o600)
            for directory in ["last-backups", "repositories"] {
                fake.files.put(FilePath("/var/lib/propel/\(directory)/restic-\(name)"), "", mode: 0o600)
            }
            fake.files.put(FilePath("/run/propel-restic-\(name).lock"), "")
        }
        fake.files.put("/srv/repository/config", "restic\n")
    }

    private func enforce(_ host: Host) async -> RunSummary {
        fake.machine.forgetFacts()
        return await Engine(host: host, machine: fake.machine) { _ in }.enforce()
    }

    private var left: [String] {
        fake.files.snapshot.keys.map(\.string).filter { $0.contains("photos") && !$0.contains("/originals/") }
    }

    private var settings: Set<FilePath> {
        Set(fake.files.snapshot.keys.filter { $0.starts(with: "/etc") || $0.starts(with: "/usr") })
    }

    @Test func `backups that are no longer made leave the repository`() async throws {
        let host = Host("x", runs: Debian.self) { Restic.Absent("photos") }
        #expect(host.problems.isEmpty)
        let run = await enforce(host)
        #expect(run[.failed] == 0 && run[.skipped] == 0 && run[.changed] > 0)
        #expect(left.isEmpty, "\(left)")
        #expect(systemd["restic-photos.timer"]?.active == "inactive")
        #expect(systemd["restic-other.timer"]?.active == "active")
        #expect(fake.files["/etc/restic/other/password"] != nil && fake.files["/srv/repository/config"] != nil)
        #expect(fake.files["/var/lib/propel/last-backups/restic-other"] != nil)
        #expect(await enforce(host)[.changed] == 0)
        // Each program has its own.
        #expect(await enforce(Host("x", runs: Debian.self) { Borg.Absent("other") })[.changed] == 0)
    }

    @Test(arguments: ["../other", ".", "..", "", "a/b"]) func `a name leads to no other directory`(
        _ name: String
    ) async {
        let before = settings, host = Host("x", runs: Debian.self) { Restic.Absent(name) }
        _ = await enforce(host)
        #expect(settings == before)
        #expect(host.problems.contains { $0.contains("invalid name of a backup") }, "\(host.problems)")
    }

    @Test func `a backup that is made and not made is a conflict`() {
        let host = Host("x", runs: Debian.self) {
            Borg("photos", to: "/srv/repository", password: Secret("borg"), paths: ["/srv/photos"])
            Borg.Absent("photos")
        }
        #expect(host.conflicts.contains { "\($0)".contains("the backup borg-photos") }, "\(host.conflicts)")
    }
}
