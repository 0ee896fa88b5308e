import PropelTesting
import RecordedOperations
import Synchronization
import Testing

@testable import Properties

@Suite(.recorded) struct BackupJobTests {
    let shop = FakeStack()
    private var fake: FakeMachine { shop.fake }

    private func beforeChange(_ stack: Stack) -> BackupBeforeChange {
        BackupBeforeChange(stack: stack)
    }

    @Test func `a backup has a file for each volume and describes it`() async throws {
        try shop.deploy(shop.stack())
        try shop.remove("uploads/file")
        #expect(try await fake.obeysLaw(shop.taken("one")).reason == "back up words, data")
        let backup = try #require(try shop.backups().whole.first)
        #expect(backup.files.map(\.name) == ["words.tar.gz", "data.dump"])
        #expect(backup.files.map(\.method) == [.archive, .dump])
        #expect(backup.files.map(\.bytes) == [14, 14])
        #expect(backup.files[1].sha256 == SHA256.hash(Array("rows: old data".utf8)))
        #expect(backup.empty == ["uploads"])
        #expect(backup.why == "by hand" && backup.before == nil && backup.time == fake.machine.now.iso8601)
        #expect(
            backup.deployment?.images == ["app": "shop/app:v1", "db": "shop/db:1", "index": "shop/index:1"]
                && backup.dataFormat == 1)
        #expect(shop.kept == ["one"])
        let place: FilePath = "/var/backups/propel/shop/one"
        #expect(fake.files[place]?.status.mode == 0o700 && fake.files["/var/backups/propel"]?.status.mode == 0o700)
        let names = try fake.files.list(place)
        #expect(names == ["backup.json", "data.dump", "words.tar.gz"])
        #expect(names.allSatisfy { fake.files[place.appending($0)]?.status.mode == 0o600 })
        #expect(fake.files.text(at: place.appending("data.dump")) == "rows: old data")
    }

    @Test func `a backup includes volumes that only the deployed version has`() async throws {
        let renamed = Stack("shop") {
            Properties.Container("app", image: "shop/app", tag: "v2") { Volume("pictures", at: "/srv/uploads") }
            Properties.Container("db", image: "shop/db", tag: "1") {
                Volume("data", at: "/data", backup: .dump(["dump"], restore: ["restore"]))
            }
        }.polling(every: .zero)
        try shop.deploy(shop.stack())
        let change = try await fake.obeysLaw(beforeChange(renamed))
        #expect(change.reason == "back up data, uploads, words")
        #expect(try shop.backups().whole.first?.files.map(\.name) == ["data.dump", "uploads.tar.gz", "words.tar.gz"])
        // Their data are consistent only while no container changes them.
        #expect(shop.doings.contains("stop i1 a1"))
        #expect(shop.states == ["app": "running", "db": "running", "index": "running"])
    }

    @Test func `containers are halted one group at a time and as briefly as possible`() async throws {
        try await shop.job().take(why: "by hand", fallback: .none, retention: nil)
        #expect(
            shop.doings == [
                "exec d1 dump", "pause a1", "tar create shop_uploads", "unpause a1", "stop a1 i1",
                "tar create shop_words", "start i1", "start a1",
            ])
        #expect(shop.states == ["app": "running", "db": "running", "index": "running"])
    }

    @Test func `a stopped container that docker still lists as running is started again`() async throws {
        let stale = Mutex<String?>(nil)
        shop.docker.answer { [shop] words in
            if words.first == "stop" {
                let lines = shop.docker.containers.values.map {
                    "\($0.id)\t\($0.name)\t\($0.image)\trunning\tUp 1 hour\n"
                }
                stale.withLock { $0 = lines.joined() }
            } else if words.first == "ps",
                let lines = stale.withLock({ lines in
                    defer { lines = nil }
                    return lines
                })
            {
                return .printing(lines)
            }
            return nil
        }
        try await shop.job().take(why: "by hand", fallback: .none, retention: nil)
        #expect(shop.states.values.allSatisfy { $0 == "running" }, "\(shop.states)")
    }

    @Test func `a container that was paused may be unhealthy for a moment`() async throws {
        shop.change("app") { $0.health = "healthy" }
        try await shop.job().take(why: "by hand", fallback: .none, retention: nil)
        #expect(shop.kept.count == 1)
    }

    @Test func `containers that do not run stay as they are`() async throws {
        shop.change("index") { $0.state = "exited" }
        shop.change("app") { $0.state = "paused" }
        try await shop.job().take(why: "by hand", fallback: .none, retention: nil)
        #expect(shop.doings == ["exec d1 dump", "tar create shop_uploads", "tar create shop_words"])
        #expect(shop.states == ["app": "paused", "db": "running", "index": "exited"])
    }

    @Test func `the name of a backup is the time and unique`() async throws {
        let first = try await shop.job().take(why: "by hand", fallback: .none, retention: nil)
        let second = try await shop.job().take(why: "by hand", fallback: .none, retention: nil)
        #expect(first.id == fake.machine.now.compact && second.id == first.id + "-2")
        #expect(try shop.backups().whole.map(\.id) == [second.id, first.id])
    }

    @Test func `a stack without data needs no backup`() async throws {
        for volume in ["data", "uploads", "words"] { try shop.remove("\(volume)/file") }
        #expect(try await fake.check(shop.taken("one")) == .satisfied)
        #expect(try await fake.check(beforeChange(shop.stack("v2"))) == .satisfied)
        shop.docker.state.withLock { $0.volumes = [] }
        #expect(try await fake.check(beforeChange(shop.stack("v2"))) == .satisfied)
        #expect(shop.kept.isEmpty)
    }

    @Test func `the check is undetermined without docker`() async throws {
        fake.commands.program("docker") { _ in CommandResult(ending: .notFound) }
        #expect(try await fake.check(shop.taken("one")).isUnknown)
        #expect(try await fake.check(beforeChange(shop.stack())).isUnknown)
    }

    @Test(arguments: ["", ".one", "../one", "a b", "-x"])
    func `an invalid name is a problem`(_ id: String) { #expect(shop.taken(id).problems.count == 1) }
}
