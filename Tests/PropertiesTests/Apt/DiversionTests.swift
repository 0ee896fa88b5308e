import PropelTesting
import Properties
import RecordedOperations
import Testing

@Suite(.recorded) struct DiversionTests {
    private let fake = FakeMachine()
    private static let list: FilePath = "/var/lib/dpkg/diversions"
    private let diversion = Apt.Diversion(of: "/etc/cron.daily/man-db")

    init() {
        fake.files.put(Self.list, "/bin/sh\n/bin/sh.distrib\ndash\n")
        fake.commands.program("dpkg-divert") { [fake] command in
            let words = command.arguments, text = fake.files.text(at: Self.list) ?? ""
            if words.contains("--add") {
                fake.files.put(Self.list, text + "\(words[5])\n\(words[3])\n:\n")
            } else {
                let lines = text.nonEmptyLines.map(String.init)
                let kept = lines.firstIndex(of: words[3]).map { lines[..<$0] + lines[($0 + 3)...] } ?? lines[...]
                fake.files.put(Self.list, kept.map { $0 + "\n" }.joined())
            }
            return .printing()
        }
    }

    @Test func `a file is diverted and moved back`() async throws {
        #expect(
            try await fake.obeysLaw(diversion).reason == "packages put it at /etc/cron.daily/man-db.distrib")
        #expect(
            fake.commands.log == [
                "dpkg-divert --local --rename --divert /etc/cron.daily/man-db.distrib --add /etc/cron.daily/man-db"
            ])
        #expect(
            try await fake.obeysLaw(diversion.reverted()).reason == "move /etc/cron.daily/man-db.distrib back")
        #expect(fake.files.text(at: Self.list) == "/bin/sh\n/bin/sh.distrib\ndash\n")
        #expect(try await fake.check(diversion.reverted()) == .satisfied)
    }

    @Test func `a diversion that is there is left alone`() async throws {
        fake.files.put(Self.list, "/etc/cron.daily/man-db\n/etc/cron.daily/man-db.distrib\n:\n")
        #expect(try await fake.check(diversion) == .satisfied)
        #expect(fake.commands.log.isEmpty)
    }

    @Test func `a near miss is diverted`() async throws {
        fake.files.put(Self.list, "/etc/cron.daily/man-db2\n/etc/cron.daily/man-db\n:\n")
        try await fake.obeysLaw(diversion)
        try fake.files.remove(Self.list)
        try await fake.obeysLaw(diversion)
    }

    @Test func `a diversion to another place, or of a package, is refused`() async throws {
        fake.files.put(Self.list, "/etc/cron.daily/man-db\n/srv/man-db\n:\n/bin/sh\n/bin/sh.distrib\ndash\n")
        await #expect(throws: Failure.self) { try await fake.check(diversion) }
        #expect(try await fake.check(diversion.reverted()) == .satisfied)
        await #expect(throws: Failure.self) { try await fake.check(Apt.Diversion(of: "/bin/sh")) }
        #expect(try await fake.check(Apt.Diversion(of: "/bin/sh").reverted()) == .satisfied)
    }

    @Test func `an apply without effect leaves it unmet`() async throws {
        fake.commands.program("dpkg-divert")
        await #expect(throws: LawBroken.self) { try await fake.obeysLaw(diversion) }
    }

    @Test(arguments: [
        Apt.Diversion(of: "bin/x"), Apt.Diversion(of: "/bin/x", to: "x"), Apt.Diversion(of: "/bin/x", to: "/bin/x"),
        Apt.Diversion(of: "/bin/x\ny"),
    ]) func `invalid paths are problems`(_ diversion: Apt.Diversion) async throws {
        #expect(diversion.problems.count == 1)
        await #expect(throws: Failure.self) { try await diversion.apply(on: fake.machine) }
        #expect(fake.commands.log.isEmpty)
    }
}
