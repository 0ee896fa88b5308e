import PropelTesting
import Properties
import RecordedOperations
import Testing

@Suite(.recorded) struct MissingDirectoryTests {
    let target = FakeMachine()

    private func plan(_ host: Host) async -> [String] {
        let reports = Reports()
        _ = await Engine(host: host, machine: target.machine) {
            if case .property(let report) = $0 {
                reports.add("\(report.path): \(report.status.rawValue) \(report.detail)")
            }
        }.plan()
        return reports.lines
    }

    @Test func `a file in a missing directory is not planned`() async throws {
        let file = File("/srv/app/config", "x")
        #expect(try await target.check(file) == .unknown(until: "something before it creates the directory /srv/app"))
        #expect(try await target.check(SymbolicLink("/srv/app/link", to: "x")).isUnknown)
        #expect(try await target.check(Directory("/srv/app/data")).isUnknown)
    }

    @Test func `a file in a directory declared before it is planned`() async throws {
        let host = Host("a", runs: Debian.self) {
            Directory("/srv")
            Directory("/srv/app", mode: 0o750)
            File("/srv/app/config", "x")
            User("ben")
            File("/home/ben/.profile", "x", owner: "ben")
            File("/opt/other", "x")
        }
        #expect(
            await plan(host) == [
                "directory /srv: would-change create with mode 0755, owner root:root",
                "directory /srv/app: would-change create with mode 0750, owner root:root",
                "file /srv/app/config: would-change create with mode 0644, owner root:root",
                "user ben: would-change create",
                "file /home/ben/.profile: would-change create with mode 0644, owner ben",
                "file /opt/other: unknown cannot tell until something before it creates the directory /opt",
            ])
    }

    @Test func `a run fails at the file and names the directory`() async throws {
        let run = await Engine(
            host: Host("a", runs: Debian.self) { File("/opt/other", "x") }, machine: target.machine
        ) { _ in }.enforce()
        #expect(run.counts == [.failed: 1])
        #expect(target.files["/opt/other"] == nil)
    }

    @Test func `a drop-in creates its directory and removes it again`() async throws {
        let before = target.files.snapshot
        let file = DropInFile("/etc/app.conf.d/a.conf", "x\n")
        try await target.obeysLaw(file)
        try await target.obeysLaw(file.reverted())
        #expect(target.files.snapshot == before)
    }
}
