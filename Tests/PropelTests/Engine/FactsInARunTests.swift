import Propel
import PropelTesting
import RecordedOperations
import Testing

/// What a run knows of a machine counts until something has changed it.
@Suite(.recorded) struct FactsInARunTests {
    /// The text of a file.
    private struct State: MachineFact {
        static let path: FilePath = "/etc/state"
        let text: String

        static func read(from machine: Machine) async throws -> State { State(text: try machine.files.text(path)) }
    }

    /// What changes the file.
    enum Cause: CaseIterable {
        case property, failingProperty, action, failingAction

        var isAction: Bool { self == .action || self == .failingAction }
        var fails: Bool { self == .failingProperty || self == .failingAction }
    }

    private let fake = FakeMachine()

    @Test(arguments: Cause.allCases)
    func `a fact is read again after a change, also if what has made it fails`(_ cause: Cause) async {
        let read = Recorder()
        fake.files.put(State.path, "before")
        let change: @Sendable (Machine) async throws -> Void = { machine in
            #expect(try await machine.fact(State.self).text == "before")
            try machine.files.replace(State.path, with: Array("after".utf8), mode: 0o644)
            if cause.fails { throw Failure("no luck") }
        }
        await fake.enforce {
            if cause.isAction {
                Flag("a").onChangeNow(Note("change", body: change))
            } else {
                Flag("a", apply: change)
            }
            Flag("b").answering { machine in
                read.add(try await machine.fact(State.self).text)
                return nil
            }
        }
        // In the survey, in its turn and after its apply.
        #expect(read.words == ["before", "after", "after"])
    }
}
