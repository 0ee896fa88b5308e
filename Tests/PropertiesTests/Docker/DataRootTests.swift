import PropelTesting
import RecordedOperations
import Testing

@testable import Properties

/// Docker's data in another directory than `/var/lib/docker`.
@Suite(.recorded) struct DataRootTests {
    private let shop = FakeStack()
    private var fake: FakeMachine { shop.fake }
    private let moved = Docker.DaemonConfiguration(["data-root": "/mnt/disk/docker"])

    private func plantVolume(in root: FilePath) { fake.files.put(root.appending("volumes/shop_data/_data/file"), "x") }

    // MARK: - A change of it

    @Test func `data are not left behind`() async throws {
        let failure = await fake.refusal(of: moved)
        #expect(
            failure?.message
                == "docker keeps its containers and volumes in /var/lib/docker, and would look for them in "
                + "/mnt/disk/docker")
        #expect(failure?.advice?.contains("`cp --archive /var/lib/docker/. /mnt/disk/docker`") == true)
        #expect(fake.files["/etc/docker/daemon.json"] == nil)
        // Containers count too, where none has a volume.
        try fake.files.deleteTree("/var/lib/docker")
        fake.files.put("/var/lib/docker/containers/1a2b/config.v2.json", "{}")
        #expect(await fake.refusal(of: moved) != nil)
        // As the advice says.
        plantVolume(in: "/mnt/disk/docker")
        try await fake.obeysLaw(moved)
    }

    @Test func `nor is a data root that is no longer declared`() async throws {
        try fake.files.deleteTree("/var/lib/docker")
        plantVolume(in: "/mnt/disk/docker")
        for setting in ["data-root", "graph"] {
            fake.files.put("/etc/docker/daemon.json", #"{"\#(setting)": "/mnt/disk/docker"}"#)
            await #expect(throws: Failure.self) {
                try await fake.check(Docker.DaemonConfiguration(["log-driver": "local"]))
            }
        }
        fake.files.put("/etc/docker/daemon.json", #"{"data-root": "/mnt/disk/docker/", "debug": true}"#)
        #expect(try await fake.check(moved) != .satisfied)
    }

    @Test func `nor is a data root that is reverted`() async throws {
        try fake.files.deleteTree("/var/lib/docker")
        try await fake.obeysLaw(moved)
        plantVolume(in: "/mnt/disk/docker")
        let failure = await fake.refusal(of: moved.reverted())
        #expect(failure?.message.hasSuffix("would look for them in /var/lib/docker") == true)
        plantVolume(in: "/var/lib/docker")
        try await fake.obeysLaw(moved.reverted())
        #expect(fake.files["/etc/docker/daemon.json"] == nil)
    }

    @Test func `an engine without data gets another data root`() async throws {
        try fake.files.deleteTree("/var/lib/docker")
        try await fake.obeysLaw(moved)
        try await fake.obeysLaw(moved.reverted())
        fake.files.put("/var/lib/docker/volumes/metadata.db", "")
        fake.files.put(directory: "/var/lib/docker/containers")
        try await fake.obeysLaw(moved)
    }

    @Test func `docker waits for the disk of it`() {
        func texts(_ daemon: JSON?) -> [String] {
            Host("x", runs: Debian.self) { Docker.Engine(daemon: daemon) }.steps.compactMap {
                ($0.property as? SystemdUnit.DropIn)?.text
            }
        }
        #expect(texts(["data-root": "/mnt/disk/docker"]) == ["[Unit]\nRequiresMountsFor=/mnt/disk/docker\n"])
        #expect(texts(["data-root": "/var/lib/docker"]).isEmpty && texts(["debug": true]).isEmpty && texts(nil).isEmpty)
    }

    // MARK: - Stacks

    @Test func `volumes in another data root are backed up and restored`() async throws {
        shop.docker.state.withLock { $0.root = "/mnt/disk/docker" }
        let picture = shop.docker.directory(of: "shop_uploads").appending("picture")
        fake.files.put(picture, "old picture")
        for volume in ["shop_words", "shop_data"] {
            fake.files.put(shop.docker.directory(of: volume).appending("file"), "x")
        }
        try shop.deploy(shop.stack())
        // Nothing is in the usual one.
        try fake.files.deleteTree(FakeDocker.mountpoint("shop_uploads"))
        try await shop.job().take(id: "one", why: "by hand", fallback: .none, retention: nil)
        fake.files.put(picture, "new picture")
        try await fake.obeysLaw(
            DataRestored(stack: shop.stack(), backup: "one", isReplacing: true, request: "now"))
        #expect(fake.files.text(at: picture) == "old picture")
        #expect(fake.files[FakeDocker.mountpoint("shop_uploads")] == nil)
    }

    private func problem(with directory: FilePath) async throws -> String? {
        let property = DataDirectory(
            stack: shop.stack(), volume: "data", path: directory, owner: nil, group: nil, mode: nil)
        do { _ = try await fake.check(property) } catch let error as Failure { return error.message }
        return nil
    }

    @Test func `a directory of a volume in docker's own data is refused`() async throws {
        fake.files.put("/etc/docker/daemon.json", #"{"data-root": "/mnt/disk/docker"}"#)
        for path: FilePath in ["/mnt/disk", "/mnt/disk/docker", "/mnt/disk/docker/volumes/x/_data"] {
            #expect(
                try await problem(with: path)
                    == "\(path), the directory of a volume, overlaps /mnt/disk/docker, where docker keeps its own data")
        }
        // By an option of dockerd.
        fake.files.put("/srv/engine/volumes/metadata.db", "")
        #expect(try await problem(with: "/srv/engine/volumes/x")?.contains("overlaps /srv/engine,") == true)
        // At the top of a disk there are other directories too.
        #expect(try await problem(with: "/srv/engine/photos") == nil)
        #expect(try await problem(with: "/mnt/disk/photos") == nil)
    }

    @Test func `a volume of a stack that vanished is not created empty`() async throws {
        let stack = shop.stack()
        try shop.deploy(stack)
        let volumes = Host("x", runs: Debian.self) { stack }.steps.compactMap { $0.property as? Docker.Volume }
        let data = try #require(volumes.first { $0.volume == "shop_data" })
        let cache = try #require(volumes.first { $0.volume == "shop_cache" })
        #expect(try await fake.check(data) == .satisfied)
        shop.docker.state.withLock { $0.volumes = [] }
        let failure = await #expect(throws: Failure.self) { try await fake.check(data) }
        #expect(failure?.message == "shop_data, the volume data of shop, no longer exists")
        #expect(failure?.advice?.contains("`docker volume create shop_data`") == true)
        // What nobody backs up may begin empty, and so may a volume that the deployed version did not have.
        #expect(try await fake.check(cache) != .satisfied)
        #expect(try await fake.check(Docker.Volume("shop_new")) != .satisfied)
    }
}
