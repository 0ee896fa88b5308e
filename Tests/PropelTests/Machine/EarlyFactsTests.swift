import PropelTesting
import RecordedOperations
import Synchronization
import Testing

@testable import Propel

/// What has happened while a fact was read.
private final class Observations: Sendable {
    private let reads = Mutex(0)
    private let ends = Mutex(0)

    func read() { reads.withLock { $0 += 1 } }
    func end() { ends.withLock { $0 += 1 } }
    var readCount: Int { reads.withLock { $0 } }
    var endCount: Int { ends.withLock { $0 } }
}

@Suite(.recorded) struct EarlyFactsTests {
    private struct Names: EarlyFact {
        static let seen = Observations()
        var names: [String]

        static func read(from machine: Machine) async throws -> Names {
            seen.read()
            return Names(names: machine.expected(of: Names.self))
        }
    }

    /// A fact that takes until it is cancelled.
    private struct Endless: EarlyFact {
        static let seen = Observations()

        static func read(from machine: Machine) async throws -> Endless {
            seen.read()
            defer { seen.end() }
            while true { try await Task.sleep(for: .seconds(3600)) }
        }
    }

    private struct Broken: EarlyFact {
        static let seen = Observations()

        static func read(from machine: Machine) async throws -> Broken {
            seen.read()
            throw Failure("no answer")
        }
    }

    /// A fact that a change makes obsolete.
    private struct Message: EarlyFact {
        static let seen = Observations()
        var text: String

        static func read(from machine: Machine) async throws -> Message {
            defer { seen.read() }
            return Message(text: try machine.files.text("/etc/motd"))
        }
    }

    private struct Steady: LastingFact {
        static let seen = Observations()

        static func read(from machine: Machine) async throws -> Steady {
            seen.read()
            return Steady()
        }
    }

    private func wait(until isTrue: () -> Bool) async {
        while !isTrue() { await Task.yield() }
    }

    @Test func `an announced fact is read before it is asked for, and kept`() async throws {
        let machine = FakeMachine().machine
        machine.expect("b", of: Names.self)
        machine.expect("a", of: Names.self)
        machine.earlyFacts.begin(on: machine)
        await wait { Names.seen.readCount == 1 }
        #expect(try await machine.fact(Names.self).names == ["a", "b"])
        machine.endSurvey()
        #expect(try await machine.fact(Names.self).names == ["a", "b"])
        #expect(Names.seen.readCount == 1)
        machine.forgetFacts()
        #expect(try await machine.fact(Names.self).names == ["a", "b"])
        #expect(Names.seen.readCount == 2)
    }

    @Test func `what was read before a change does not count after it`() async throws {
        let fake = FakeMachine(), machine = fake.machine
        machine.expect("a", of: Message.self)
        for (round, lasting) in [false, true].enumerated() {
            fake.files.put("/etc/motd", "before")
            machine.earlyFacts.begin(on: machine)
            await wait { Message.seen.readCount == 2 * round + 1 }
            fake.files.put("/etc/motd", "after")
            machine.forgetFacts(lasting: lasting)
            #expect(try await machine.fact(Message.self).text == "after")
            machine.forgetFacts()
        }
    }

    @Test func `a fact that lasts is read once in a run`() async throws {
        let machine = FakeMachine().machine
        for run in 1...2 {
            for _ in 1...3 {
                _ = try await machine.fact(Steady.self)
                machine.forgetFacts()
            }
            #expect(Steady.seen.readCount == run)
            machine.forgetFacts(lasting: true)
        }
    }

    @Test func `reading ends with the survey if nobody asks`() async throws {
        let machine = FakeMachine().machine
        machine.expect("a", of: Endless.self)
        machine.earlyFacts.begin(on: machine)
        await wait { Endless.seen.readCount == 1 }
        machine.endSurvey()
        await wait { Endless.seen.endCount == 1 }
    }

    @Test func `an error is reported to who asks first, and the next one reads again`() async throws {
        let machine = FakeMachine().machine
        machine.expect("a", of: Broken.self)
        machine.earlyFacts.begin(on: machine)
        await wait { Broken.seen.readCount == 1 }
        await #expect(throws: Failure.self) { _ = try await machine.fact(Broken.self) }
        #expect(Broken.seen.readCount == 1)
        await #expect(throws: Failure.self) { _ = try await machine.fact(Broken.self) }
        #expect(Broken.seen.readCount == 2)
    }
}
