import PropelTesting
import RecordedOperations
import Synchronization
import Testing

@testable import Properties

@Suite(.recorded) struct BackupBeforeChangeTests {
    let shop = FakeStack()
    private var fake: FakeMachine { shop.fake }

    private func beforeChange(_ stack: Stack) -> BackupBeforeChange {
        BackupBeforeChange(stack: stack)
    }

    @Test func `no backup is taken if nothing changes`() async throws {
        try shop.deploy(shop.stack())
        #expect(try await fake.check(beforeChange(shop.stack())) == .satisfied)
    }

    @Test func `each change has its own backup`() async throws {
        try shop.deploy(shop.stack())
        let v2 = beforeChange(shop.stack("v2"))
        // Also for a run that follows one which was interrupted between backup and deployment.
        #expect(try await fake.obeysLaw(v2).reason == "back up uploads, words, data")
        #expect(try await fake.check(v2) == .satisfied)
        let backup = try #require(try shop.backups().whole.first)
        #expect(backup.before?.hasSuffix(" → \(shop.stack("v2").version)") == true && backup.why == "before a change")
        fake.pass(.seconds(1))
        try await fake.obeysLaw(beforeChange(shop.stack("v3")))
        // The same version again, after another deployment or a rollback.
        fake.pass(.seconds(1))
        try shop.deploy(shop.stack())
        try await fake.obeysLaw(v2)
        #expect(try shop.backups().whole.count == 3)
    }

    /// The former version has written since.
    @Test func `a backup of an interrupted run counts for ten minutes`() async throws {
        try shop.deploy(shop.stack())
        let v2 = beforeChange(shop.stack("v2"))
        try await fake.obeysLaw(v2)
        fake.pass(.minutes(10))
        #expect(try await fake.check(v2) == .satisfied)
        fake.pass(.seconds(1))
        try await fake.obeysLaw(v2)
        #expect(try shop.backups().whole.count == 2)
    }

    @Test func `a damaged backup does not count for a change`() async throws {
        try shop.deploy(shop.stack())
        let v2 = beforeChange(shop.stack("v2"))
        try await fake.obeysLaw(v2)
        let id = try #require(try shop.backups().whole.first?.id)
        fake.files.put(FilePath("/var/backups/propel/shop/\(id)/data.dump"), "rows")
        fake.pass(.seconds(1))
        try await fake.obeysLaw(v2)
        #expect(try shop.backups().whole.count == 1 && shop.backups().all.count == 2)
    }

    @Test func `a database that does not run is archived before a change`() async throws {
        try shop.deploy(shop.stack())
        shop.change("db") { $0.state = "exited" }
        try await fake.obeysLaw(beforeChange(shop.stack("v2")))
        #expect(try shop.backups().whole.first?.files.map(\.name) == ["uploads.tar.gz", "words.tar.gz", "data.tar.gz"])
        #expect(shop.states["db"] == "exited")
        fake.pass(.seconds(1))
        shop.change("db") { ($0.state, $0.health) = ("running", "unhealthy") }
        let failure = await #expect(throws: Failure.self) {
            try await beforeChange(shop.stack("v3")).apply(on: fake.machine)
        }
        #expect(
            failure?.advice?.hasPrefix("Nothing is changed without a backup. ") == true
                && failure?.advice?.contains("docker stop") == true)
    }

    @Test func `a stack that Propel has not deployed is archived if it cannot be dumped`() async throws {
        shop.change("db") { $0.health = "unhealthy" }
        try await fake.obeysLaw(beforeChange(shop.stack()))
        let backup = try #require(try shop.backups().whole.first)
        #expect(backup.files.map(\.method) == [.archive, .archive, .archive] && backup.deployment == nil)
        #expect(backup.before == "none → \(shop.stack().version)")
        #expect(shop.doings.contains("stop a1 i1 d1") || shop.doings.contains("stop a1 d1 i1"))
    }

    @Test func `a failed backup stops the deployment`() async throws {
        try shop.deploy(shop.stack())
        shop.setProgram("dump") { _ in .failing(3, "no\n") }
        let stack = shop.stack("v2"), backup = beforeChange(stack)
        let host = Host("shop", runs: Debian.self) {
            StackDeployment(stack: stack.polling(every: .zero)).requires(backup)
        }
        let reports = Mutex<[PropertyReport]>([])
        let ending = await Engine(host: host, machine: fake.machine) { event in
            if case .property(let report) = event { reports.withLock { $0.append(report) } }
        }.enforce()
        #expect(ending.counts == [.failed: 1, .skipped: 1])
        #expect(fake.files.text(at: stack.composeFile) == shop.stack().composeText)
    }
}
