import PropelTesting
import RecordedOperations
import Testing

@testable import Propel
@testable import Properties

/// Backups of a stack that a repository elsewhere has too.
@Suite(.recorded) struct BackupCopiesTests {
    private let shop = FakeStack()
    private var fake: FakeMachine { shop.fake }

    private static let nas = Restic(
        "stacks", to: "sftp:nas:/srv/restic", password: Secret("restic"), paths: ["/var/backups/propel"])

    private static func stack(_ shop: FakeStack, _ tag: String = "v1") -> Stack {
        var stack = shop.stack(tag)
        BackupCopies(in: nas).add(to: &stack)
        return stack
    }

    private func copied(_ tag: String = "v1", awaited: String? = nil) -> BackupsCopied {
        BackupsCopied(stack: Self.stack(shop, tag), repository: Self.nas.backup, awaited: awaited)
    }

    /// Sets the repository up, on a machine whose stack is deployed.
    private static func setUp(_ shop: FakeStack) throws {
        try shop.deploy(stack(shop))
        shop.fake.files.put("/proc/sys/kernel/hostname", "web1\n")
        shop.fake.files.put("/usr/bin/restic", "", mode: 0o755)
        shop.fake.files.put("/usr/local/sbin/restic-stacks", "", mode: 0o700)
        shop.fake.commands.program("/etc/restic/stacks/backup")
    }

    private static func take(_ id: String, of shop: FakeStack) async throws {
        try await shop.job(stack(shop)).take(id: id, why: "by hand", fallback: .none, retention: nil)
        shop.fake.pass(.seconds(60))
    }

    // MARK: - There

    @Test func `a backup that is only here is copied`() async throws {
        try Self.setUp(shop)
        let before = try await fake.check(copied())
        #expect(before == .satisfied)
        try await Self.take("one", of: shop)
        #expect(try await fake.obeysLaw(copied()).reason == "copy one")
        #expect(fake.commands.log.count { $0 == "/etc/restic/stacks/backup" } == 1)
        try await Self.take("two", of: shop)
        #expect(try await fake.obeysLaw(copied()).reason == "copy two")
    }

    @Test func `the backup before a change is copied in the same run`() async throws {
        try Self.setUp(shop)
        let plan = try await fake.check(copied("v2"))
        #expect(plan == .unmet("copy the backup that is made before"))
        try await fake.converge(BackupBeforeChange(stack: Self.stack(shop, "v2")))
        try await fake.obeysLaw(copied("v2"))
    }

    @Test func `a backup by hand is copied in the same run`() async throws {
        try Self.setUp(shop)
        let plan = try await fake.check(copied(awaited: "now"))
        #expect(plan == .unmet("copy the backup that is made before"))
        try await fake.converge(BackupExists(stack: Self.stack(shop), id: "now"))
        #expect(try await fake.obeysLaw(copied(awaited: "now")).reason == "copy now")
        let stack = Self.stack(shop), host = Host("x", runs: Debian.self) { stack }
        let operation = StackOperation.backUp(id: "a").hostOperation()
        #expect(
            try host.performing(operation).steps.map(\.property.name)
                == ["backup a of shop", "backups of shop in restic-stacks"])
    }

    @Test func `a repository that cannot be reached is a failure`() async throws {
        try Self.setUp(shop)
        try await Self.take("one", of: shop)
        fake.commands.program("/etc/restic/stacks/backup", status: 1, errors: "Fatal: connection refused\n")
        let failure = await #expect(throws: Failure.self) { try await copied().apply(on: fake.machine) }
        #expect(failure?.message == "the backups of shop could not be copied")
        #expect(failure?.output == ["Fatal: connection refused"])
        let after = try await fake.check(copied())
        #expect(after == .unmet("copy one"))
    }

    @Test func `a backup that is made during the copying is copied next`() async throws {
        try Self.setUp(shop)
        try await Self.take("one", of: shop)
        let shop = shop
        fake.commands.program("/etc/restic/stacks/backup") { _ in
            try await Self.take("two", of: shop)
            return .printing()
        }
        try await copied().apply(on: fake.machine)
        fake.machine.forgetFacts()
        let after = try await fake.check(copied())
        #expect(after == .unmet("copy two"))
    }

    @Test func `a repository that is not set up yet is waited for`() async throws {
        let plan = try await fake.check(copied())
        #expect(plan == .unknown(until: "something before it makes /usr/bin/restic"))
    }

    @Test func `a deployment does not wait for the copies`() throws {
        let stack = Self.stack(shop), host = Host("x", runs: Debian.self) { stack }
        let copies = try #require(host.steps.firstIndex { $0.property is BackupsCopied })
        let deployment = try #require(host.steps.firstIndex { $0.property is StackDeployment })
        #expect(copies < deployment && !host.steps[deployment].requirements.contains(copies))
        #expect(host.steps[copies].requirements.contains { host.steps[$0].property is BackupBeforeChange })
    }

    @Test func `a repository that does not get them is a problem`() {
        let etc = Borg("etc", to: "/srv/borg", password: Secret("borg"), paths: ["/etc"])
        let stack = Stack("shop") {
            BackupCopies(in: etc)
            Container("app", image: "app")
        }
        #expect(
            stack.problems == [
                "the stack shop: BackupCopies in borg-etc, which does not have /var/backups/propel/shop among its "
                    + "paths: add \"/var/backups/propel\""
            ])
    }

    // MARK: - And back

    /// A repository with snapshots, newest last, of backups that are taken now, and that the machine has lost.
    /// - Parameter result: that of a test of each backup; nil, the default, if none is tested.
    private static func lose(
        _ shop: FakeStack, _ snapshots: [(id: String, backups: [String])], tested result: RestoreTestResult? = nil
    ) async throws {
        let fake = shop.fake, root = stack(shop).backups
        for id in Set(snapshots.flatMap { $0.backups }).sorted() { try await take(id, of: shop) }
        for backup in try shop.backups().whole {
            try result?.write(of: backup, of: shop.stack(), on: fake.machine)
        }
        let files = fake.files.snapshot.filter { $0.key.starts(with: root) && $0.value.status.kind == .file }
        try fake.files.deleteTree(root)
        try fake.files.syncAll()
        fake.commands.program("flock") { command in
            let words = command.arguments.dropFirst(2).map(\.self)
            switch words.first {
            case "snapshots":
                return .printing("\(JSON.array(snapshots.map { ["id": .string($0.id)] }))\n")
            case "ls":
                let backups = snapshots.first { $0.id == words[2] }?.backups ?? []
                return .printing(backups.map { "\(root)/\($0)\n" }.joined())
            default:
                let target = String(words.first { $0.hasPrefix("--target=") }?.dropFirst(9) ?? "")
                for include in words.filter({ $0.hasPrefix("--include=") }).map({ FilePath(String($0.dropFirst(10))) })
                {
                    for (path, node) in files where path.starts(with: include) {
                        fake.files.put(FilePath(target + path.string), bytes: node.bytes, mode: 0o600)
                    }
                }
                return .printing()
            }
        }
    }

    private func fetched(_ request: String = "1") -> BackupsFetched {
        BackupsFetched(stack: Self.stack(shop), request: request)
    }

    private var restores: [String] {
        fake.commands.log.filter { $0.contains(" restore ") }.compactMap { line in
            line.split(separator: " ").drop { $0 != "restore" }.dropFirst().first.map(String.init)
        }
    }

    @Test func `what a lost machine had is fetched`() async throws {
        try Self.setUp(shop)
        // The new machine has made a snapshot before anybody has fetched anything.
        try await Self.lose(shop, [("s1", ["one"]), ("s2", ["one", "two"]), ("s3", [])])
        #expect(
            try await fake.obeysLaw(fetched()).reason
                == "fetch the newest backups of restic-stacks that are not here")
        #expect(shop.kept == ["one", "two"] && restores == ["s2"])
        let backups = try StackBackups(of: Self.stack(shop), on: fake.machine).whole
        #expect(backups.map(\.id) == ["two", "one"])
        // Another request finds them here.
        try await fake.obeysLaw(fetched("2"))
        #expect(restores == ["s2"])
    }

    @Test func `a backup that was tested is fetched with the result`() async throws {
        try Self.setUp(shop)
        let result = RestoreTestResult(time: "2025-01-01T00:00:00Z", request: "1")
        try await Self.lose(shop, [("s1", ["one"])], tested: result)
        try await fake.obeysLaw(fetched())
        let backup = try #require(try shop.backups().whole.first)
        let found = try RestoreTestResult.last(of: backup, of: shop.stack(), on: fake.machine)
        #expect(backup.id == "one" && found == result)
    }

    @Test func `what is here stays`() async throws {
        try Self.setUp(shop)
        try await Self.lose(shop, [("s1", ["one", "two"])])
        shop.put("data/file", "new data")
        try await Self.take("two", of: shop)
        let before = fake.files.text(at: "/var/backups/propel/shop/two/backup.json")
        try await fake.obeysLaw(fetched())
        #expect(shop.kept == ["one", "two"])
        #expect(fake.files.text(at: "/var/backups/propel/shop/two/backup.json") == before)
    }

    @Test func `a damaged backup is not taken`() async throws {
        try Self.setUp(shop)
        try await Self.lose(shop, [("s1", ["one"])])
        fake.commands.program("sha256sum") { command in
            .printing(
                command.arguments.dropFirst(2).map { String(repeating: "0", count: 64) + "  \($0)\0" }.joined())
        }
        let failure = await #expect(throws: Failure.self) { try await fetched().apply(on: fake.machine) }
        #expect(failure?.message.hasPrefix("the backup one of shop is damaged: ") == true)
        #expect(shop.kept == [])
    }

    @Test func `a repository without backups of the stack is a failure`() async throws {
        try Self.setUp(shop)
        try await Self.lose(shop, [("s1", [])])
        let failure = await #expect(throws: Failure.self) { try await fetched().apply(on: fake.machine) }
        #expect(failure?.message == "restic-stacks has no backup of shop that this machine has made")
    }

    @Test func `a stack without copies has nothing to fetch`() {
        let host = Host("x", runs: Debian.self) { Stack("shop") { Container("db", image: "db") } }
        let failure = #expect(throws: Failure.self) {
            try host.performing(StackOperation.fetchBackups(request: "1").hostOperation())
        }
        #expect(failure?.message == "x has nothing for “fetch backups”")
    }

    @Test(arguments: Fault.allCases) func `copies and fetched backups survive a fault`(_ fault: Fault) async throws {
        try await atEveryOperation(
            of: {
                let shop = FakeStack()
                try Self.setUp(shop)
                try await Self.lose(shop, [("s1", ["one", "two"])])
                return shop
            }, \.fake, fault
        ) { shop in
            try await BackupsFetched(stack: Self.stack(shop), request: "1").apply(on: shop.fake.machine)
            try await BackupsCopied(stack: Self.stack(shop), repository: Self.nas.backup).apply(on: shop.fake.machine)
        } judge: { shop in
            let found = try StackBackups(of: Self.stack(shop), on: shop.fake.machine).all
            try hold(found.allSatisfy { if case .whole = $0 { true } else { false } }, "parts count: \(found)")
            try await shop.fake.converge(BackupsFetched(stack: Self.stack(shop), request: "1"))
            try await shop.fake.converge(BackupsCopied(stack: Self.stack(shop), repository: Self.nas.backup))
            try hold(shop.kept == ["one", "two"], "there are \(shop.kept)")
        }
    }
}
