import Foundation
import Synchronization
import Testing

@testable import PropelCLI

/// Ctrl-C and SIGTERM, without a terminal.
@Suite struct InterruptionTests {
    private final class Log: Sendable {
        let words = Mutex<[String]>([])
        func add(_ word: String) { words.withLock { $0.append(word) } }
        var all: [String] { words.withLock(\.self) }

        func wait(for word: String) async throws {
            while !all.contains(word) { try await Task.sleep(for: .milliseconds(1)) }
        }
    }

    private let log = Log()

    /// - Parameter answer: what the user answers; nil if nobody can be asked.
    private func interruption(
        unasked: Interruption.Choice = .stop, _ answer: Interruption.Asking? = nil
    ) -> Interruption {
        let interruption = Interruption { [log] in log.add("exit") }
        interruption.prepare(
            Interruption.Listener(
                unasked: unasked, leaving: "left",
                asking: { [log] in
                    guard let answer else { return nil }
                    return {
                        log.add("asked")
                        return try await answer()
                    }
                }, pause: { _ in }))
        return interruption
    }

    private func follow(_ interruption: Interruption) -> Interruption.Registration {
        interruption.register(leaving: { [log] in log.add("leave") }, { [log] in log.add("stop") })
    }

    @Test func `without a terminal the first one stops the run, and the second exits`() {
        let interruption = interruption()
        _ = follow(interruption)
        interruption.receive(SIGINT)
        #expect(log.all == ["stop"] && interruption.isRequested && !interruption.isLeaving)
        interruption.receive(SIGINT)
        #expect(log.all == ["stop", "exit"])
    }

    @Test(arguments: [Interruption.Choice.stop, .leave]) func `at a terminal the user decides`(
        _ choice: Interruption.Choice
    ) async throws {
        let interruption = interruption { choice }
        _ = follow(interruption)
        interruption.receive(SIGINT)
        try await log.wait(for: choice.rawValue)
        #expect(log.all == ["asked", choice.rawValue])
        #expect(interruption.isRequested && interruption.isLeaving == (choice == .leave))
        // What begins after that gets the same answer.
        _ = follow(interruption)
        #expect(log.all == ["asked", choice.rawValue, choice.rawValue])
    }

    @Test func `back is as if nothing had been pressed`() async throws {
        let answers = Mutex<[Interruption.Choice]>([.leave, .back])
        let (asked, continuation) = AsyncStream<Void>.makeStream()
        let interruption = interruption {
            defer { continuation.yield() }
            return answers.withLock { $0.removeLast() }
        }
        _ = follow(interruption)
        interruption.receive(SIGINT)
        for await _ in asked { break }
        // A moment later the next one is a question again, and not the second Ctrl-C.
        while !interruption.isRequested, log.all.count < 2 {
            if interruption.isAsking { await Task.yield() } else { interruption.receive(SIGINT) }
        }
        try await log.wait(for: "leave")
        #expect(log.all == ["asked", "asked", "leave"])
    }

    @Test func `a second one while the question is open exits at once`() async throws {
        let interruption = interruption {
            try await Task.sleep(for: .seconds(3600))
            return .back
        }
        _ = follow(interruption)
        interruption.receive(SIGINT)
        try await log.wait(for: "asked")
        interruption.receive(SIGINT)
        #expect(log.all == ["asked", "exit"])
        interruption.withdraw()
    }

    @Test func `the end of the runs withdraws the question`() async throws {
        let (withdrawn, continuation) = AsyncStream<Void>.makeStream()
        let interruption = interruption {
            do { try await Task.sleep(for: .seconds(3600)) } catch { continuation.yield() }
            return .stop
        }
        _ = follow(interruption)
        interruption.receive(SIGINT)
        try await log.wait(for: "asked")
        interruption.withdraw()
        for await _ in withdrawn { break }
        while interruption.isAsking { await Task.yield() }
        #expect(log.all == ["asked"] && !interruption.isRequested)
    }

    @Test func `nobody is asked about what cannot go on by itself, or on SIGTERM`() {
        let plan = interruption { .leave }
        _ = plan.register { [log] in log.add("stop") }
        plan.receive(SIGINT)
        let ended = interruption { .leave }
        _ = follow(ended)
        ended.receive(SIGTERM)
        #expect(log.all == ["stop", "stop"])
    }

    @Test func `a run of somebody else is left going where nobody can be asked`() {
        let interruption = interruption(unasked: .leave)
        _ = follow(interruption)
        _ = interruption.register { [log] in log.add("connecting") }
        interruption.receive(SIGINT)
        #expect(Set(log.all) == ["leave", "connecting"] && interruption.isLeaving)
    }

    @Test func `without a run there is nothing to wait for`() {
        let interruption = interruption { .back }
        interruption.receive(SIGINT)
        #expect(log.all == ["exit"])
    }
}
