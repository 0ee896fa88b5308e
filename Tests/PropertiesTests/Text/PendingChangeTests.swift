import PropelTesting
import RecordedOperations
import Testing

@testable import Properties

@Suite(.recorded) struct PendingChangeTests {
    private let fake = FakeMachine()
    private let pending = PendingChange(of: "app-a/b")

    init() { fake.files.put(directory: "/run") }

    @Test func `a change is pending until its program has read it`() async throws {
        fake.commands.program("reload", status: 1)
        #expect(try pending.check(.satisfied, "unread", on: fake.machine) == .satisfied)
        await #expect(throws: CommandFailure.self) {
            try await pending.read(by: [Invocation("reload", [])], on: fake.machine) {}
        }
        #expect(try pending.check(.satisfied, "unread", on: fake.machine) == .unmet("unread"))
        #expect(try pending.check(.unmet("create"), "unread", on: fake.machine) == .unmet("create"))
        fake.commands.program("reload")
        try await pending.read(by: [Invocation("reload", [])], on: fake.machine) {}
        #expect(try pending.check(.satisfied, "unread", on: fake.machine) == .satisfied)
    }

    @Test func `its marker is one file in run`() {
        #expect(pending.marker.removingLastComponent() == "/run")
    }
}
