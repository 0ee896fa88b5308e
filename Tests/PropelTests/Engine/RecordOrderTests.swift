import PropelTesting
import RecordedOperations
import Testing

@testable import Propel

/// The order in which a run records what it does, does it, and forgets it: what the record tells must be enough before
/// each operation, since a kill or a power cut may come then.
@Suite(.recorded) struct RecordOrderTests {
    private let fake = FakeMachine()
    /// The actions that have ended well.
    private let done = Recorder()
    private let violations = Recorder()

    /// The files, each with the action that its change requests.
    private static let files: [(path: FilePath, action: String)] = [
        ("/etc/first.conf", "restart"), ("/etc/second.conf", "check"), ("/etc/third.conf", "restart"),
    ]

    private func action(_ name: String) -> Note {
        Note(name) { [done] machine in
            try await machine.run("tell", name)
            done.add(name)
        }
    }

    private func look(before operation: Operation) {
        let machine = fake.machine, pending = PendingActions(files: machine.files)
        let record = try? PlacedRecord(on: machine)
        let placed = Set((record?.entries ?? [:]).keys.map(\.description))
        for (path, name) in Self.files where fake.files.text(at: path) == "new" {
            let isPending = (try? pending.contains(action(name))) == true
            if !isPending, !done.words.contains(name) { violations.add("\(name) is lost, before: \(operation)") }
            if !placed.contains(path.string) { violations.add("\(path) is not known, before: \(operation)") }
            if (try? machine.originals.has(path)) != true { violations.add("\(path) is kept later: \(operation)") }
        }
    }

    @Test(arguments: [0, 1])
    func `what a run does is recorded before, and until it is done`(_ status: Int) async throws {
        fake.files.put(Self.files[0].path, "old")
        fake.commands.program("tell", status: status)
        fake.operations.observe { [self] in look(before: $0) }
        let host = fake.host {
            PlacedText(path: Self.files[0].path).onChange(action("restart"))
            PlacedText(path: Self.files[1].path).onChangeNow(action("check"))
            PlacedText(path: Self.files[2].path).onChange(action("restart"))
        }
        await fake.enforce(host)
        #expect(violations.words == [])
        #expect(Self.files.allSatisfy { fake.files.text(at: $0.path) == "new" })
        #expect(done.words == (status == 0 ? ["check", "restart"] : []))
        let pending = PendingActions(files: fake.machine.files)
        for name in ["check", "restart"] {
            let isPending = try pending.contains(action(name))
            #expect(isPending == (status != 0), "\(name)")
        }
    }
}
