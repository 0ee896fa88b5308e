import PropelTesting
import Testing

@testable import Propel

/// Guarded changes with a fault at every operation: they end up confirmed, or as before.
@Suite struct GuardCrashTests {
    /// What the machine does by itself: at the deadline if the process is gone, and at boot.
    private static func settle(_ subject: GuardedMachine) async throws {
        _ = try await subject.safeguard.recover()
        let left = subject.leftovers
        try Self.hold(left.isEmpty, "left behind: \(left)")
        try Self.hold(subject.fake.files[GuardedMachine.record] == nil, "a record is left")
    }

    private static func hold(_ condition: Bool, _ words: @autoclosure () -> String) throws {
        if !condition { throw LawBroken(words()) }
    }

    @Test(arguments: Fault.allCases, [true, false])
    func `whatever ends the run, the changes are confirmed or put back`(
        _ fault: Fault, _ isConfirming: Bool
    ) async throws {
        try await atEveryOperation(of: { GuardedMachine() }, \.fake, fault) { subject in
            await subject.enforce(isConfirming ? .confirmed : .refused(GuardedMachine.refusal), subject.pair)
        } judge: { subject in
            try await Self.settle(subject)
            let texts = subject.texts
            for (index, text) in texts.enumerated() {
                try Self.hold(
                    text == GuardedMachine.before[index] || text == GuardedMachine.after[index],
                    "half a file: \(String(describing: text))")
            }
            if texts != GuardedMachine.before {
                try Self.hold(isConfirming && subject.questions > 0, "\(texts) without a confirmation")
            }
            if fault != .error {
                try Self.hold(
                    texts == GuardedMachine.before || texts == GuardedMachine.after, "half of the changes: \(texts)")
            }
            let mode = subject.fake.files[GuardedMachine.old]?.status.mode
            try Self.hold(mode == (texts[0] == "old\n" ? 0o600 : 0o644), "the mode of the other state")

            let next = await subject.enforce(.confirmed, subject.pair)
            try Self.hold(next.all.allSatisfy { $0.status != .failed }, "the next run fails: \(next.all)")
            try Self.hold(subject.texts == GuardedMachine.after, "the next run does not finish: \(subject.texts)")
            let second = await subject.enforce(.confirmed, subject.pair)
            try Self.hold(second.all.allSatisfy { $0.status == .ok }, "the second run changes something")
        }
    }

    /// The unit itself is cut off, and starts again.
    @Test(arguments: Fault.allCases) func `putting back goes on where it was cut off`(_ fault: Fault) async throws {
        try await atEveryOperation(
            of: {
                let subject = GuardedMachine()
                // The run dies after both changes, before the action.
                let dying = subject.fake.host {
                    GuardedFile(GuardedMachine.old)
                    GuardedFile(GuardedMachine.new) { [fake = subject.fake] _ in fake.inject(.kill, after: 0) }
                }
                await subject.enforce(.confirmed, dying)
                subject.fake.restart(seed: 1)
                try Self.hold(subject.texts == GuardedMachine.after, "the run did not come that far")
                return subject
            }, \.fake, fault
        ) { subject in
            _ = try await subject.safeguard.recover()
        } judge: { subject in
            try await Self.settle(subject)
            try Self.hold(subject.texts == GuardedMachine.before, "not put back: \(subject.texts)")
            try Self.hold(subject.fake.files[GuardedMachine.old]?.status.mode == 0o600, "another mode")
        }
    }

    @Test func `a report of a run that goes on after an error tells the truth`() async throws {
        for count in 0..<200 {
            let subject = GuardedMachine()
            subject.fake.inject(.error, after: count)
            let reports = await subject.enforce(.confirmed, subject.pair)
            let isOver = subject.fake.operations.isArmed
            subject.fake.restart(seed: 1)
            for (path, text) in [(GuardedMachine.old, "old\n"), (GuardedMachine.new, nil)] as [(FilePath, String?)] {
                guard let report = reports["guarded \(path)"] else { continue }
                let now = subject.fake.files.text(at: path)
                if report.status == .changed { #expect(now == "new\n", "after \(count) operations") }
                if report.failure?.isPutBack == true { #expect(now == text, "after \(count) operations") }
            }
            if isOver { break }
        }
    }
}
