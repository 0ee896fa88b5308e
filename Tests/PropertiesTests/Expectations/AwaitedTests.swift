import PropelTesting
import RecordedOperations
import Synchronization
import Testing

@testable import Properties

@Suite(.recorded) struct AwaitedTests {
    private let fake = FakeMachine()

    private static func listening(_ port: String) -> String {
        "  sl  local_address rem_address   st\n   0: 00000000:\(port) 00000000:0000 0A\n"
    }

    private final class Looks: Sendable { let count = Mutex(0) }

    @Test func `what holds is not waited for`() async throws {
        fake.files.put("/proc/net/tcp", Self.listening("1538"))
        #expect(try await fake.check(Awaited("the database answers", .port(5432))) == .satisfied)
    }

    @Test func `the plan says what it would wait for`() async throws {
        let check = try await fake.check(Awaited("the database answers", .port(5432)))
        #expect(check.reason == "nothing listens on port 5432/tcp: wait for at most 1 minute")
    }

    @Test func `the run goes on when it holds`() async throws {
        let looks = Looks()
        fake.commands.program("bash") { _ in
            let count = looks.count.withLock { count in
                count += 1
                return count
            }
            return count < 4 ? .failing() : .printing()
        }
        // Beside all other tests a pause may take minutes.
        var answers = Awaited("the database answers", .command("pg_isready"), within: .minutes(600))
        answers.expectation.interval = .zero
        try await fake.obeysLaw(answers)
        #expect(fake.files.writes.isEmpty)
    }

    @Test func `what does not hold in its time has failed, and what requires it is skipped`() async throws {
        fake.commands.program("bash", status: 2, errors: "no response\n")
        let host = Host("x", runs: Debian.self) {
            File("/etc/migrated", "yes\n")
                .requires(Awaited("the database answers", .command("pg_isready"), within: .zero))
        }
        let run = await Engine(host: host, machine: fake.machine) { _ in }.enforce()
        #expect(run[.failed] == 1 && run[.skipped] == 1)
        #expect(fake.files["/etc/migrated"] == nil)
        let failure = await #expect(throws: Failure.self) {
            try await Awaited("the database answers", .command("pg_isready"), within: .zero).apply(on: fake.machine)
        }
        #expect(failure?.message.contains("no response") == true)
    }

    @Test func `it conflicts with an expectation of the same name and another probe`() {
        let host = Host("x", runs: Debian.self) {
            Awaited("it answers", .port(80))
            Expect("it answers", .port(81))
        }
        #expect(host.conflicts.count == 1)
        #expect(Awaited("", .port(80)).problems.count == 1 && Awaited("it answers", .port(0)).problems.count == 1)
    }
}
