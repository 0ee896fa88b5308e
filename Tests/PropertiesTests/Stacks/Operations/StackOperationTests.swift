import PropelTesting
import RecordedOperations
import Testing

@testable import Propel
@testable import Properties

@Suite(.recorded) struct StackOperationTests {
    private static let copy = StackOperation.DataCopy(id: "c", from: "a.example.com", to: "b.example.com")
    /// One value of each case, with its form in a request.
    private static let operations: [(StackOperation, name: String, arguments: [String: String])] = [
        (.backUp(id: "a"), "back up", ["id": "a"]),
        (.testNewestBackup(request: "1"), "test the newest backup", ["request": "1"]),
        (
            .restore(backup: "a", isReplacing: true, request: "1"), "restore",
            ["backup": "a", "replace": "yes", "request": "1"]
        ),
        (
            .restore(backup: "a", isReplacing: false, request: "1"), "restore",
            ["backup": "a", "replace": "no", "request": "1"]
        ),
        (
            .prepareCopy(copy), "prepare a copy",
            ["id": "c", "origin": "a.example.com", "target": "b.example.com"]
        ),
        (.sendCopy(copy), "send a copy", ["id": "c", "origin": "a.example.com", "target": "b.example.com"]),
        (.receiveCopy(copy), "receive a copy", ["id": "c", "origin": "a.example.com", "target": "b.example.com"]),
        (.fetchBackups(request: "1"), "fetch backups", ["request": "1"]),
        (.pullImages(request: "1"), "pull images", ["request": "1"]),
        (.listBackups, "list backups", [:]),
        (.dataOrigin, "whose data", [:]),
        (.dataFormat, "format of the data", [:]),
    ]

    private let host = Host("x", runs: Debian.self) {
        Stack("shop") { Container("db", image: "db") { Volume("data", at: "/data") } }
        Stack("blog") { Container("db", image: "db") { Volume("data", at: "/data") } }
    }

    private func names(_ operation: StackOperation, onStack stack: String? = nil) throws -> [String] {
        try host.performing(operation.hostOperation(onStack: stack)).steps.map(\.property.name)
    }

    // MARK: - In a request

    @Test func `every operation keeps its form in a request`() throws {
        #expect(Set(Self.operations.map(\.name)).count == StackOperation.Name.allCases.count)
        for (operation, name, arguments) in Self.operations {
            #expect(operation.hostOperation() == HostOperation(name, arguments: arguments))
            let onStack = operation.hostOperation(onStack: "shop")
            #expect(onStack == HostOperation(name, arguments: arguments.merging(["stack": "shop"]) { $1 }))
            #expect(try StackOperation(try HostOperation(onStack.json)) == operation)
        }
    }

    @Test func `a missing argument is an error that names it`() {
        for (_, name, arguments) in Self.operations {
            for missing in arguments.keys {
                let incomplete = HostOperation(name, arguments: arguments.filter { $0.key != missing })
                let failure = #expect(throws: Failure.self) { try StackOperation(incomplete) }
                #expect(failure?.message == "the operation “\(name)” lacks its argument “\(missing)”")
            }
        }
        #expect(throws: Failure.self) {
            try host.performing(HostOperation("restore", arguments: ["backup": "a", "stack": "shop"]))
        }
    }

    @Test func `an invalid argument is an error`() {
        let failure = #expect(throws: Failure.self) {
            try StackOperation(
                HostOperation("restore", arguments: ["backup": "a", "replace": "maybe", "request": "1"]))
        }
        #expect(
            failure?.message
                == "invalid argument “replace” of the operation “restore”: “maybe” is neither “yes” nor “no”")
    }

    @Test func `an unknown operation is an error`() async {
        let unknown = HostOperation("water the plants")
        let failure = #expect(throws: Failure.self) { try StackOperation(unknown) }
        #expect(failure?.message == "unknown operation “water the plants”")
        let machine = FakeMachine().machine
        #expect(throws: Failure.self) { try host.performing(unknown) }
        await #expect(throws: Failure.self) { try await host.answers(to: unknown, on: machine) }
        await #expect(throws: Failure.self) { try await host.transfer(for: unknown, on: machine) }
    }

    // MARK: - Answers

    @Test func `every answer round-trips`() throws {
        let details = BackupSummary.Details(
            time: "2026-11-29T09:00:00Z", why: "by hand", bytes: 12, volumes: ["data", "uploads"], dataFormat: 2,
            origin: "a.example.com", images: ["db": "shop/db:1"],
            test: BackupSummary.Test(time: "2026-11-29T10:00:00Z", failure: "no"))
        let backups = [
            BackupSummary(id: "1", stack: "shop", content: .intact(details)),
            BackupSummary(
                id: "2", stack: "shop", content: .intact(.init(time: "t", why: "w", bytes: 0, volumes: []))),
            BackupSummary(id: "3", stack: "shop", content: .damaged(reason: "it has no backup.json")),
        ]
        #expect(try [BackupSummary](backups.json) == backups)
        for answer in [DataFormatAnswer(stack: "shop", dataFormat: 2), .init(stack: "shop", dataFormat: nil)] {
            #expect(try DataFormatAnswer(answer.json) == answer)
        }
        for state in [CloneState.none, .arrived, .cloned, .other] {
            let answer = DataOriginAnswer(stack: "shop", state: state)
            #expect(try DataOriginAnswer(answer.json) == answer)
        }
    }

    @Test func `an answer in another form is an error`() {
        #expect(throws: (any Error).self) { try [BackupSummary](["id": "1"] as JSON) }
        #expect(throws: (any Error).self) { try BackupSummary(["id": "1", "stack": "shop"]) }
        #expect(throws: (any Error).self) { try DataOriginAnswer(["stack": "shop", "state": "borrowed"]) }
        #expect(throws: (any Error).self) { try DataFormatAnswer(["dataFormat": 1]) }
    }

    // MARK: - On a host

    @Test func `an operation is for all stacks or for one`() throws {
        #expect(try names(.backUp(id: "a")) == ["backup a of shop", "backup a of blog"])
        #expect(try names(.backUp(id: "a"), onStack: "blog") == ["backup a of blog"])
        #expect(
            try names(.restore(backup: "a", isReplacing: true, request: "1"), onStack: "shop")
                == ["data of shop as in the backup a"])
        #expect(
            try names(.testNewestBackup(request: "1"), onStack: "shop")
                == ["restore test of the newest backup of shop"])
    }

    @Test func `an operation on a stack that the host does not have is an error`() {
        let unknown = #expect(throws: Failure.self) { try names(.backUp(id: "a"), onStack: "other") }
        #expect(unknown?.message == "x has nothing called other for “back up”")
        let plain = Host("x", runs: Debian.self) { File("/etc/motd", "") }
        #expect(throws: Failure.self) { try plain.performing(StackOperation.backUp(id: "a").hostOperation()) }
    }

    @Test func `the backups of each stack are listed`() async throws {
        let fake = FakeMachine(), question = StackOperation.listBackups.hostOperation()
        fake.files.put("/var/backups/propel/shop/broken/backup.json", "{", mode: 0o600)
        let answers = try await host.answers(to: question, on: fake.machine).map { try [BackupSummary]($0) }
        #expect(answers.count == 2 && answers[1].isEmpty)
        #expect(answers[0].first?.id == "broken" && answers[0].first?.details == nil)
        let before = fake.files.snapshot
        _ = try await host.answers(to: question, on: fake.machine)
        #expect(fake.files.snapshot == before)
    }
}
