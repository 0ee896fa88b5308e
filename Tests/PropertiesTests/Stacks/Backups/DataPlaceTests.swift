import PropelTesting
import RecordedOperations
import Testing

@testable import Propel
@testable import Properties

/// Data in directories of the machine, and in docker volumes that were there before.
@Suite(.recorded) struct DataPlaceTests {
    private let shop = FakeStack()
    private var fake: FakeMachine { shop.fake }

    private func stack(
        _ directory: FilePath = "/srv/shop-data/config", tag: String = "v1", dataFormat: Int = 1,
        owner: String? = nil, backup: VolumeBackup = .archive(while: .stopped), from origin: String? = nil
    ) -> Stack {
        Stack("shop", dataFormat: dataFormat, healthTimeout: .seconds(60), dataFrom: origin) {
            Properties.Container("app", image: "shop/app", tag: tag) {
                Volume("config", at: "/config", in: directory, owner: owner, backup: backup)
                Volume(named: "Old.words", at: "/words")
            }
        }.polling(every: .zero)
    }

    private func problems(_ directory: FilePath, stack directoryOfStack: FilePath? = nil) -> [String] {
        Stack("shop", directory: directoryOfStack) {
            Properties.Container("app", image: "i") { Volume("config", at: "/config", in: directory) }
        }.problems.map { $0.replacing("the stack shop: the volume config is in \(directory), ", with: "") }
    }

    /// The application alone runs, with both.
    private func run() throws {
        for name in ["db", "index"] { shop.docker.state.withLock { $0.containers[name] = nil } }
        shop.change("app") { $0.volumes = ["/srv/shop-data/config", "Old.words"] }
        fake.files.put(directory: "/srv/shop-data/config", mode: 0o750, owner: Owner(user: 1000, group: 1000))
        shop.makeVolume("Old.words")
        fake.files.put("/srv/shop-data/config/file", "old config")
        fake.files.put(FakeDocker.mountpoint("Old.words").appending("file"), "old words")
        try shop.deploy(stack())
    }

    // MARK: - The description

    @Test func `both are in the compose file`() {
        #expect(stack().problems.isEmpty)
        #expect(
            stack().composeText.hasSuffix(
                """
                    volumes:
                      - type: bind
                        source: /srv/shop-data/config
                        target: /config
                      - type: volume
                        source: old-words
                        target: /words
                volumes:
                  old-words:
                    name: Old.words
                    external: true

                """))
        let names = Host("x", runs: Debian.self) { stack() }.steps.map(\.property.name)
        #expect(names.contains("directory /srv/shop-data/config") && names.contains("docker volume Old.words"))
    }

    @Test func `a directory that a restore must not replace is a problem`() {
        for directory: FilePath in ["/srv", "/data", "/srv/../etc/x"] {
            #expect(
                problems(directory) == [
                    "and a restore replaces all that is there: use a directory below, such as /srv/shop-data"
                ], "\(directory)")
        }
        for (directory, system): (FilePath, FilePath) in [
            ("/etc/shop", "/etc"), ("/var/lib", "/var/lib/apt"), ("/var/lib/docker/volumes/x", "/var/lib/docker"),
        ] {
            #expect(
                problems(directory) == [
                    "but \(system) belongs to the system: use a directory such as /srv/shop-data"
                ])
        }
        #expect(
            problems("/home/anna") == ["which is the home of a user: use a directory such as /srv/shop-data"])
        for directory: FilePath in ["/srv/shop", "/srv/shop/secrets", "/srv/shop/.candidate.yml"] {
            #expect(
                problems(directory) == [
                    "but the files of the stack are in /srv/shop: use a directory such as /srv/shop/data"
                ])
        }
        #expect(problems("relative/path") == ["which is not absolute: begin with a slash"])
        #expect(problems("/srv/shop/data").isEmpty && problems("/mnt/disk").isEmpty)
    }

    @Test func `two volumes in one place are a problem`() {
        let stack = Stack("s") {
            Properties.Container("a", image: "i") {
                Volume("a", at: "/a", in: "/srv/data")
                Volume("b", at: "/b", in: "/srv/data/b")
                Volume("c", at: "/c")
                Volume(named: "s_c", as: "d", at: "/d")
            }
            Properties.Container("b", image: "i") { Volume("c", at: "/c", in: "/srv/c") }
        }
        #expect(
            stack.problems.map { $0.replacing("the stack s: ", with: "") } == [
                "the volume c is in two places: keep one",
                "the volume a in /srv/data and b in /srv/data/b are one within the other: a restore of one would "
                    + "replace the other",
                "the volumes c and d are both in s_c: give them one name",
            ])
        func host(_ volume: Volume, _ other: Volume) -> [String] {
            Host("x", runs: Debian.self) {
                Stack("one") { Properties.Container("a", image: "i") { volume } }
                Stack("two") { Properties.Container("b", image: "i") { other } }
            }.conflicts.map(\.subject)
        }
        #expect(
            host(Volume("a", at: "/a", in: "/srv/data"), Volume("b", at: "/b", in: "/srv/data")) == [
                "the data in /srv/data"
            ])
        #expect(host(Volume(named: "x", at: "/a"), Volume(named: "x", at: "/b")) == ["the docker volume x"])
    }

    // MARK: - The directory

    private func directory(_ owner: String? = nil, mode: Properties.FileMode? = nil) -> DataDirectory {
        DataDirectory(
            stack: stack(), volume: "config", path: "/srv/shop-data/config", owner: owner, group: nil, mode: mode)
    }

    @Test func `a missing directory is made, and one that is there keeps its owner`() async throws {
        fake.files.put(directory: "/srv")
        let change = try await fake.obeysLaw(directory("1000", mode: 0o700))
        #expect(change.reason == "create with mode 0700, owner 1000")
        #expect(try fake.files.status(of: "/srv/shop-data")?.owner == .root)
        let made = try fake.files.status(of: "/srv/shop-data/config")
        #expect(made?.owner == Owner(user: 1000, group: 1000) && made?.mode == 0o700)
        #expect(try await fake.check(directory()) == .satisfied)
        #expect(try await fake.obeysLaw(directory("1001")).reason.hasPrefix("owner "))
        #expect(try fake.files.status(of: "/srv/shop-data/config")?.mode == 0o700)
    }

    @Test func `a directory that somebody else could exchange is refused`() async throws {
        fake.files.put(directory: "/srv/shop-data", mode: 0o755, owner: Owner(user: 1000, group: 1000))
        await #expect(throws: Failure.self) { try await fake.check(directory()) }
        await #expect(throws: Failure.self) { try await StackData.read(of: stack(), on: fake.machine) }
        fake.files.put(directory: "/srv/shop-data", mode: 0o777, owner: .root)
        await #expect(throws: Failure.self) { try await directory().apply(on: fake.machine) }
        fake.files.put(directory: "/srv/shop-data", mode: 0o755, owner: .root)
        fake.files.put("/srv/shop-data/config", "")
        await #expect(throws: Failure.self) { try await fake.check(directory()) }
    }

    /// Its disk is not mounted: an empty one would take its place, and a backup of nothing that of the data.
    @Test func `one that vanished after a deployment is not made again`() async throws {
        try run()
        try fake.files.deleteTree("/srv/shop-data/config")
        await #expect {
            try await fake.check(directory())
        } throws: { error in
            (error as? Failure)?.message
                == "/srv/shop-data/config, the directory of the volume config of shop, no longer exists"
        }
    }

    // MARK: - Backups

    @Test func `both are backed up and restored`() async throws {
        try run()
        let words = FakeDocker.mountpoint("Old.words").appending("file")
        try await shop.job(stack()).take(id: "one", why: "by hand", fallback: .none, retention: nil)
        #expect(
            try fake.files.list("/var/backups/propel/shop/one") == [
                "backup.json", "config.tar.gz", "old-words.tar.gz",
            ])
        fake.files.put("/srv/shop-data/config/file", "new config")
        fake.files.put("/srv/shop-data/config/other", "new")
        try fake.files.remove(words)
        try await fake.obeysLaw(DataRestored(stack: stack(), backup: "one", isReplacing: true, request: "now"))
        #expect(fake.files.text(at: "/srv/shop-data/config/file") == "old config")
        #expect(fake.files.text(at: "/srv/shop-data/config/other") == nil)
        #expect(fake.files.text(at: words) == "old words")
        #expect(shop.states["app"] == "running")
        // The containers that use the directory were stopped for both.
        #expect(shop.doings.first == "stop a1" && shop.doings.prefix(3).count { $0.hasPrefix("tar create") } == 2)
    }

    /// A rollback over a newer format of the data restores the backup that was made before it.
    @Test func `both go back with a rollback to an older format`() async throws {
        try run()
        let words = FakeDocker.mountpoint("Old.words").appending("file")
        try await shop.job(stack()).take(id: "one", why: "before v2", fallback: .none, retention: nil)
        fake.pass(.seconds(60))
        fake.files.put("/srv/shop-data/config/file", "config in format 2")
        fake.files.put(words, "words in format 2")
        try shop.deploy(stack(tag: "v2", dataFormat: 2))
        await #expect(throws: Failure.self) { try await fake.check(StackDeployment(stack: stack())) }
        try await fake.obeysLaw(DataRestored(stack: stack(), backup: "one", isReplacing: true, request: "now"))
        #expect(fake.files.text(at: "/srv/shop-data/config/file") == "old config")
        #expect(fake.files.text(at: words) == "old words")
        // The containers of v2 do not run on the older data.
        #expect(shop.states["app"] == "exited")
        #expect(try StackRecord(of: stack(), on: fake.machine).current?.dataFormat == 1)
        #expect(try await fake.check(StackDeployment(stack: stack())) != .satisfied)
    }

    @Test func `a clone has a copy of both`() async throws {
        try run()
        let origin = "shop.example.com", id = "19700124T033320Z-clone"
        try await fake.obeysLaw(
            CloneSourcePrepared(stack: stack(), origin: origin, target: "copy.example.com", id: id))
        let sent = CloneFolders.outgoing(to: "copy.example.com", of: stack())
        let names = try fake.files.list(sent)
        #expect(names.contains("config.tar.gz") && names.contains("old-words.tar.gz"))

        // The other machine, with empty places for them.
        let copy = FakeStack(), cloned = stack(from: origin)
        for name in ["db", "index"] { copy.docker.state.withLock { $0.containers[name] = nil } }
        copy.change("app") { $0.volumes = ["/srv/shop-data/config", "Old.words"] }
        copy.fake.files.put(directory: "/srv/shop-data/config")
        copy.makeVolume("Old.words")
        try copy.makeNew()
        let transfer = try await cloned.receiving(id, from: origin, on: copy.fake.machine)
        let arriving = try #require(transfer.directory)
        for name in names {
            copy.fake.files.put(
                arriving.appending(name), bytes: try fake.files.read(sent.appending(name)), mode: 0o600)
        }
        try await transfer.completion()
        try await copy.fake.obeysLaw(DataCloned(stack: cloned, origin: origin))
        #expect(copy.fake.files.text(at: "/srv/shop-data/config/file") == "old config")
        #expect(copy.fake.files.text(at: FakeDocker.mountpoint("Old.words").appending("file")) == "old words")
        // Those of the first machine stay as they are.
        #expect(shop.states["app"] == "running")
        #expect(fake.files.text(at: "/srv/shop-data/config/file") == "old config")
    }

    /// Its owner could put a link in the way of what root unpacks. The archive has the mode and the owner.
    @Test func `nobody else can write to a directory while it is unpacked`() async throws {
        try run()
        try await shop.job(stack()).take(id: "one", why: "by hand", fallback: .none, retention: nil)
        let path: FilePath = "/srv/shop-data/config"
        try await fake.obeysLaw(DataRestored(stack: stack(), backup: "one", isReplacing: true, request: "now"))
        #expect(try fake.files.status(of: path)?.owner == .root && fake.files.status(of: path)?.mode == 0o700)
    }

    @Test func `a directory that was empty keeps its owner`() async throws {
        try run()
        try fake.files.remove("/srv/shop-data/config/file")
        try await shop.job(stack()).take(id: "one", why: "by hand", fallback: .none, retention: nil)
        fake.files.put("/srv/shop-data/config/file", "new")
        try await fake.obeysLaw(DataRestored(stack: stack(), backup: "one", isReplacing: true, request: "now"))
        let found = try fake.files.status(of: "/srv/shop-data/config")
        #expect(found?.owner == Owner(user: 1000, group: 1000) && found?.mode == 0o750)
        #expect(try fake.files.list("/srv/shop-data/config").isEmpty)
    }

    /// From a docker volume into a directory: both are in the backup before that change.
    @Test func `a volume that moves is told of, and backed up once more`() throws {
        var record = StackRecord()
        record.current = StackRecord.Deployment(
            id: "1", version: "1", dataFormat: 1, time: "", images: [:],
            volumes: [
                StackRecord.UsedVolume(container: "app", source: "shop_config", path: "/config", isBackedUp: true),
                StackRecord.UsedVolume(
                    container: "app", source: "/srv/other", path: "/other", isBackedUp: true, name: "other"),
            ])
        let former = record.formerVolumes(of: stack())
        #expect(former.map(\.name) == ["config-former", "other"])
        #expect(former.map(\.source) == ["shop_config", "/srv/other"])
        #expect(
            record.emptyVolumes(of: stack()) == [
                "/config of app is in the new volume /srv/shop-data/config from now on; shop_config is kept, unused"
            ])
        try record.write(of: stack(), on: fake.machine)
        #expect(try StackRecord(of: stack(), on: fake.machine) == record)
    }
}
