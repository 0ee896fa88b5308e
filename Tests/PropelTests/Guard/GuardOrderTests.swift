import PropelTesting
import Synchronization
import Testing

@testable import Propel

/// The order in which guarded changes are recorded, made and settled: before each operation the machine must be in a
/// state from which it can settle them, since a kill or a power cut may come then.
@Suite struct GuardOrderTests {
    /// The courses that a run with guarded changes can take.
    enum Course: Sendable, CaseIterable {
        case confirmed, refused, failing, killed, killedOnceConfirmed, failingElsewhere

        var isKilled: Bool { self == .killed || self == .killedOnceConfirmed }
    }

    private let subject = GuardedMachine()

    private func host(_ course: Course) -> Host {
        let fake = subject.fake
        let restoration = Restoration(first: [GuardInvariants.stop], commands: [GuardInvariants.rules])
        return fake.host {
            GuardedFile(GuardedMachine.old, restoration: restoration).onChange(GuardedMachine.reload)
            GuardedFile(GuardedMachine.new) { _ in if course == .failing { throw Failure("no luck") } }
                .onChange(Note("die") { _ in if course.isKilled { fake.inject(.kill, after: 0) } })
        }
    }

    @Test(arguments: Course.allCases)
    func `at every moment the record tells how to settle the changes`(_ course: Course) async throws {
        let fake = subject.fake, safeguard = subject.safeguard
        fake.commands.program("nft")
        let invariants = GuardInvariants(subject, isTogether: course == .failingElsewhere)
        invariants.observe()
        var engine = subject.engine(
            course == .refused ? .refused(GuardedMachine.refusal) : .confirmed, host(course), Reports())
        if course == .failingElsewhere { engine.awaitWave = { "web2 failed" } }
        _ = await engine.enforce()
        if course.isKilled {
            fake.restart(seed: 1)
            #expect(subject.texts == GuardedMachine.after)
            let record = try #require(try safeguard.record())
            if course == .killedOnceConfirmed { try safeguard.confirm(record.token, by: "anna") }
            _ = try await safeguard.recover()
        }
        #expect(invariants.violations.words == [])
        let stays = course == .confirmed || course == .killedOnceConfirmed
        #expect(subject.texts == (stays ? GuardedMachine.after : GuardedMachine.before))
        #expect(subject.leftovers == [])
        let commands = [GuardInvariants.stop.description, GuardInvariants.rules.description]
        let ran = fake.commands.log.filter { commands.contains($0) }
        #expect(ran.count == (stays ? 0 : 2))
    }
}

/// The invariants before each operation of a run with guarded changes, and of the recovery after it.
private final class GuardInvariants: Sendable {
    private struct Past {
        /// The files that belong to the present record.
        var kept: Set<String> = []
        /// The guarded files that have had their new content.
        var changed: Set<FilePath> = []
        var isTimed = false
        var isConfirmed = false
    }

    /// Stops what the changes have started, before they go back.
    static let stop = Invocation("systemctl", ["stop", "--", "vpn.service"])
    /// Restores what is not in files, once they are back.
    static let rules = Invocation("nft", ["delete", "table", "inet", "new"])

    private static let modes: [FilePath: ModeBits] = [GuardedMachine.old: 0o600]

    let violations = Recorder()
    private let subject: GuardedMachine
    private let isTogether: Bool
    private let past = Mutex(Past())

    /// - Parameter isTogether: whether a confirmation is not enough for the changes to stay.
    init(_ subject: GuardedMachine, isTogether: Bool) {
        self.subject = subject
        self.isTogether = isTogether
    }

    func observe() { subject.fake.operations.observe { [self] in look(before: $0) } }

    private var files: FakeFileSystem { subject.fake.files }

    private func look(before operation: Operation) {
        let record = try? subject.safeguard.record()
        let originals = (try? subject.safeguard.paths) ?? []
        let kept = kept, changed = changed, isReturning = record?.isReturning == true
        func hold(_ condition: Bool, _ words: String) {
            if !condition { violations.add("\(words), before: \(operation)") }
        }
        past.withLock { past in
            past.changed.formUnion(changed)
            if files[Safeguard.directory.appending("confirmation")] != nil { past.isConfirmed = true }
            if !past.isConfirmed || isTogether {
                for path in changed {
                    hold(record?.changes.contains("guarded \(path)") == true, "\(path) is changed without a record")
                    hold(originals.contains(path), "\(path) is changed without its original")
                    hold(past.isTimed, "\(path) is changed without a timer")
                }
            }
            if record == nil {
                past.kept = []
            } else {
                hold(hasUnits, "nothing settles the record at boot")
                hold(isReturning || past.changed == changed, "a file is back although the record does not tell")
                hold(isReturning || past.kept.isSubset(of: kept), "the record has lost \(past.kept.subtracting(kept))")
                past.kept = kept
            }
            switch operation.description {
            case "systemctl restart propel-guard.timer":
                hold(record != nil, "a timer without a record")
                past.isTimed = true
            case "systemctl stop propel-guard.timer": hold(record == nil, "the record has no timer")
            case Self.stop.description: hold(isReturning && past.changed == changed, "not the first thing")
            case Self.rules.description: hold(isReturning && changed.isEmpty, "the files are not back")
            case "reload":
                let isKnown = record?.repetitions.contains { $0.program == "reload" } == true
                hold(isKnown, "nobody repeats the action")
                hold(isReturning == changed.isEmpty, "an action for files that are not there")
            default: break
            }
        }
    }

    private var changed: Set<FilePath> {
        var changed: Set<FilePath> = []
        for (path, text) in zip([GuardedMachine.old, GuardedMachine.new], GuardedMachine.before)
        where files.text(at: path) != text || files[path]?.status.mode != Self.modes[path] {
            changed.insert(path)
        }
        return changed
    }

    /// The files of the guard, without those that are half written.
    private var kept: Set<String> {
        let directories = [Safeguard.directory, Safeguard.directory.appending("originals")]
        let names = directories.flatMap { (try? files.list($0)) ?? [] }
        return Set(names.filter { !$0.hasPrefix(".") })
    }

    private var hasUnits: Bool {
        let service = subject.leftovers.count { $0.hasSuffix("propel-guard.service") }
        return service == 2 && subject.leftovers.contains { $0.hasSuffix("propel-guard.timer") }
    }
}
