import PropelTesting
import Testing

@testable import Propel
@testable import Properties

/// What can be done with a host that has stacks, beside deploying them.
@Suite struct StackOperationsTests {
    private let host = Host("x", runs: Debian.self) {
        Stack("shop") { Container("db", image: "db") { Volume("data", at: "/data") } }
        Stack("blog") { Container("db", image: "db") { Volume("data", at: "/data") } }
    }

    private func names(_ operation: HostOperation) throws -> [String] {
        try host.performing(operation).steps.map(\.property.name)
    }

    @Test func itIsDoneWithAllStacksOrWithOne() throws {
        #expect(
            try names(HostOperation("back up", arguments: ["id": "a"])) == ["backup a of shop", "backup a of blog"])
        #expect(try names(HostOperation("back up", arguments: ["id": "a", "stack": "blog"])) == ["backup a of blog"])
        let restore = HostOperation(
            "restore", arguments: ["backup": "a", "replace": "yes", "request": "1", "stack": "shop"])
        #expect(try names(restore) == ["data of shop as in the backup a"])
        #expect(
            try names(HostOperation("test the newest backup", arguments: ["request": "1", "stack": "shop"])) == [
                "restore test of the newest backup of shop"
            ])
    }

    @Test func whatItIsNotToldIsNotGuessed() {
        #expect(throws: Failure.self) {
            try names(HostOperation("restore", arguments: ["backup": "a", "stack": "shop"]))
        }
    }

    @Test func whatAHostDoesNotHaveIsSaid() {
        let unknown = #expect(throws: Failure.self) {
            try names(HostOperation("back up", arguments: ["id": "a", "stack": "other"]))
        }
        #expect(unknown?.message == "x has nothing called other for “back up”")
        let plain = Host("x", runs: Debian.self) { File("/etc/motd", "") }
        #expect(throws: Failure.self) { try plain.performing(HostOperation("back up", arguments: ["id": "a"])) }
    }

    @Test func backupsAreListedOfEachStack() async throws {
        let fake = FakeMachine()
        fake.files.put("/var/backups/propel/shop/broken/backup.json", "{", mode: 0o600)
        let answers = try await host.answers(to: HostOperation("list backups"), on: fake.machine)
        #expect(answers.count == 2)
        #expect(answers[0].array?.first?["id"] == "broken")
        #expect(answers[0].array?.first?["damaged"] != nil)
        #expect(answers[1] == [])
        let before = fake.files.snapshot
        _ = try await host.answers(to: HostOperation("list backups"), on: fake.machine)
        #expect(fake.files.snapshot == before)
    }
}
