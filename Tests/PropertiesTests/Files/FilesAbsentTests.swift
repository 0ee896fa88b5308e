import PropelTesting
import RecordedOperations
import Testing

@testable import Properties

@Suite(.recorded) struct FilesAbsentTests {
    private let fake = FakeMachine()
    private let lists = Directory.FilesAbsent("/etc/apt/sources.list.d", matching: "*docker*.list")

    @Test func `files of these names are removed and restored`() async throws {
        for name in ["docker.list", "download.docker.com.list", "docker.sources", "dock.list"] {
            fake.files.put("/etc/apt/sources.list.d/\(name)", name, mode: 0o640)
        }
        fake.files.put("/etc/apt/sources.list.d/old-docker.list", linkTo: "/srv/list")
        #expect(
            try await fake.obeysLaw(lists).reason == "remove docker.list, download.docker.com.list, old-docker.list")
        #expect(try fake.files.list("/etc/apt/sources.list.d") == ["dock.list", "docker.sources"])
        try await fake.obeysLaw(lists.reverted())
        let file = fake.files["/etc/apt/sources.list.d/docker.list"]
        #expect(file?.bytes == Array("docker.list".utf8) && file?.status.mode == 0o640)
        #expect(fake.files["/etc/apt/sources.list.d/old-docker.list"]?.destination == "/srv/list")
        #expect(try await fake.checkReverted(lists) == .satisfied)
    }

    @Test func `directories, exceptions and what is below stay`() async throws {
        fake.files.put("/etc/app/conf.d/a.conf", "a")
        fake.files.put("/etc/app/conf.d/b.conf", "b")
        fake.files.put("/etc/app/conf.d/more.conf/c.conf", "c")
        let absent = Directory.FilesAbsent("/etc/app/conf.d/", matching: "*.conf", except: ["a.conf"])
        #expect(try await fake.obeysLaw(absent).reason == "remove b.conf")
        #expect(fake.files.text(at: "/etc/app/conf.d/more.conf/c.conf") == "c")
    }

    @Test func `what else the host declares there stays`() async throws {
        fake.files.put("/etc/app/a.conf", "a\n")
        fake.files.put("/etc/app/b.conf", "b\n")
        fake.files.put("/etc/app/c.conf", "c\n")
        let host = Host("x", runs: Debian.self) {
            File("/etc/app/a.conf", "a\n")
            File.Absent("/etc/app/c.conf")
            Directory.FilesAbsent("/etc/app", matching: "*")
        }
        let run = await Engine(host: host, machine: fake.machine) { _ in }.enforce()
        #expect(run[.failed] == 0)
        #expect(try fake.files.list("/etc/app") == ["a.conf"])
    }

    @Test func `old files are removed`() async throws {
        fake.files.put("/var/backups/app/1.tar.gz", "1")
        let old = Directory.FilesAbsent("/var/backups/app", matching: "*.tar.gz", olderThan: .days(30))
        fake.pass(.days(20))
        fake.files.put("/var/backups/app/2.tar.gz", "2")
        #expect(try await fake.check(old) == .satisfied)
        fake.pass(.days(11))
        #expect(try await fake.obeysLaw(old).reason == "remove 1.tar.gz")
        #expect(try fake.files.list("/var/backups/app") == ["2.tar.gz"])
        #expect(try await fake.checkReverted(old) == .satisfied)
    }

    @Test func `nothing there is satisfied, and a file is no directory`() async throws {
        #expect(try await fake.check(lists) == .satisfied)
        fake.files.put("/etc/apt/sources.list.d", "x")
        await #expect(throws: Failure.self) { try await fake.check(lists) }
        #expect(fake.files.writes.isEmpty)
    }

    @Test func `a plan names five of them`() async throws {
        for index in 1...7 { fake.files.put("/srv/x/\(index)", "") }
        #expect(
            try await fake.check(Directory.FilesAbsent("/srv/x", matching: "?")).reason
                == "remove 1, 2, 3, 4, 5 and 2 more")
    }

    @Test(arguments: [
        ("a.conf", "*.conf", true), ("a.conf.bak", "*.conf", false), (".conf", "*.conf", true), ("ab", "?", false),
        ("", "*", true), ("aXbXc", "a*b*c", true), ("aXbX", "a*b*c", false), ("a*b", "a*b", true), ("ä", "?", true),
        ("abab", "*ab", true), ("a", "", false), ("A", "a", false),
    ]) func `a pattern is for the whole name`(_ name: String, _ pattern: String, _ isMatch: Bool) {
        #expect(name.matches(pattern: pattern) == isMatch)
    }

    @Test(arguments: [
        Directory.FilesAbsent("etc", matching: "x"), Directory.FilesAbsent("/etc/x", matching: ""),
        Directory.FilesAbsent("/etc/x", matching: "a/b"), Directory.FilesAbsent("/etc/x", matching: "*", except: [""]),
        Directory.FilesAbsent("/etc", matching: "*"), Directory.FilesAbsent("/usr/../etc", matching: "*?*"),
        Directory.FilesAbsent("/", matching: "x"), Directory.FilesAbsent("/srv/x", matching: "*", olderThan: .zero),
    ]) func `an invalid declaration is a problem`(_ absent: Directory.FilesAbsent) {
        #expect(absent.problems.count == 1)
    }
}
