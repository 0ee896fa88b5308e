import PropelTesting
import RecordedOperations
import Synchronization
import Testing

@testable import Properties

@Suite(.recorded) struct StackBackupsTests {
    /// A backup that is removed in part would be taken for a damaged one.
    @Test func `an older backup goes once the next one is on the disk, and no longer counts while it goes`()
        async throws
    {
        let shop = FakeStack(), stack = shop.stack(retention: BackupRetention(count: 1)), fake = shop.fake
        try await shop.job(stack).take(id: "one", why: "by hand", fallback: .none, retention: stack.retention)
        fake.pass(.seconds(60))
        fake.operations.clear()
        try await shop.job(stack).take(id: "two", why: "by hand", fallback: .none, retention: stack.retention)
        let root = "/var/backups/propel/shop", log = fake.operations
        try log.require(order: [
            "replace \(root)/.unfinished/backup.json", "mv --no-target-directory -- \(root)/.unfinished \(root)/two",
            "mv --no-target-directory -- \(root)/one \(root)/.removed-one",
            "rm --recursive --force --one-file-system -- \(root)/.removed-one",
        ])
        let synced = try log.last("sync -- \(root)"), removed = try log.first("\(root)/.removed-one")
        #expect(synced < removed)
        #expect(shop.kept == ["two"])
    }

    let shop = FakeStack()
    private var fake: FakeMachine { shop.fake }

    @Test func `damaged backups are listed and never removed`() async throws {
        let stack = shop.stack(retention: BackupRetention(count: 1))
        for id in ["1", "2", "3", "4"] {
            try await shop.job().take(id: id, why: "by hand", fallback: .none, retention: nil)
        }
        let place: FilePath = "/var/backups/propel/shop"
        try fake.files.remove(place.appending("1").appending("backup.json"))
        fake.files.put(place.appending("2").appending("backup.json"), "{")
        fake.files.put(place.appending("3").appending("data.dump"), "short")
        try fake.files.remove(place.appending("4").appending("words.tar.gz"))
        fake.files.put(place.appending("5/backup.json"), fake.files.text(at: place.appending("4/backup.json")) ?? "")
        try await shop.taken("6", stack).apply(on: fake.machine)
        try await shop.taken("7", stack).apply(on: fake.machine)
        let reasons = try shop.backups().all.map { entry in
            switch entry {
            case .whole(let backup): "\(backup.id) whole"
            case .damaged(let id, let reason): "\(id) \(reason.prefix(29))"
            }
        }
        #expect(
            reasons == [
                "7 whole", "5 it is the backup 4 of shop", "4 words.tar.gz is missing",
                "3 data.dump has 5 bytes instead", "2 its backup.json cannot be rea", "1 it has no backup.json",
            ])
    }

    @Test(arguments: [
        (BackupRetention(count: 2), ["e", "d"]), (BackupRetention(count: 1), ["e"]), (BackupRetention(count: 0), ["e"]),
        (BackupRetention(count: 1, age: .days(2)), ["e", "d", "c"]),
        (BackupRetention(count: 4, age: .days(1)), ["e", "d", "c", "b"]),
    ])
    func `retention keeps the newest and the young`(_ retention: BackupRetention, _ kept: [String]) {
        let now = Timestamp(seconds: 100 * 86_400)
        let all = zip(["e", "d", "c", "b", "a"], 0...).map { id, days in
            Self.backup(id, Timestamp(seconds: (100 - days) * 86_400), format: 1)
        }
        let removed = Set(retention.unneeded(of: all, at: now).map(\.id))
        #expect(all.map(\.id).filter { !removed.contains($0) } == kept)
    }

    @Test func `retention keeps the newest of each format`() {
        let now = Timestamp(seconds: 100 * 86_400)
        let all = [("f", 3), ("e", 3), ("d", 2), ("c", 2), ("b", nil), ("a", 1)].map {
            Self.backup($0, now, format: $1)
        }
        #expect(BackupRetention(count: 1).unneeded(of: all, at: now).map(\.id) == ["e", "c"])
    }

    /// A rollback never restores it.
    @Test func `a copy of the data of another host is not the newest of a format`() {
        let now = Timestamp(seconds: 100 * 86_400)
        var copy = Self.backup("copy", now, format: 1)
        copy.origin = "web2"
        let all = [Self.backup("new", now, format: 2), copy, Self.backup("own", now, format: 1)]
        #expect(BackupRetention(count: 1).unneeded(of: all, at: now).map(\.id) == ["copy"])
    }

    @Test func `a new backup removes the ones that need not be kept`() async throws {
        try shop.deploy(shop.stack())
        for id in ["1", "2", "3"] {
            try await shop.taken(id, shop.stack(retention: BackupRetention(count: 2))).apply(on: fake.machine)
        }
        #expect(shop.kept == ["2", "3"])
    }

    private static func backup(_ id: String, _ time: Timestamp, format: Int?) -> Backup {
        let deployment = format.map {
            StackRecord.Deployment(id: "", version: "", dataFormat: $0, time: "", images: [:])
        }
        return Backup(id: id, time: time.iso8601, stack: "shop", why: "", deployment: deployment, files: [], empty: [])
    }
}
