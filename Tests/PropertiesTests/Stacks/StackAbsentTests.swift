import PropelTesting
import RecordedOperations
import Testing

@testable import Properties

@Suite(.recorded) struct StackAbsentTests {
    private let fake = FakeMachine()
    private let docker: FakeDocker
    private let systemd: FakeSystemd
    private let stack: Stack
    private let host = Host("x", runs: Debian.self) { Stack.Absent("shop") }
    private static let unit: FilePath = "/etc/systemd/system/stack-shop.service"

    init() {
        docker = FakeDocker(on: fake)
        systemd = FakeSystemd(
            fake, ["stack-shop.service": .init(active: "active", file: "enabled"), "stack-wiki.service": .init()])
        stack = Stack("shop") {
            Properties.Container("db", image: "postgres", tag: "15") {
                Environment("PASSWORD", "\(Secret("db"))")
                ConfigurationFile("/etc/db.conf", text: "a = 1\n")
                Volume("data", at: "/data")
            }
        }
        fake.files.put("/usr/bin/docker", "", mode: 0o755)
        fake.files.put(Self.unit, "[Unit]\n")
        for name in ["docker-compose.yml", "docker-compose.override.yml", "good/20250101T000000Z/docker-compose.yml"] {
            fake.files.put(FilePath("/srv/shop/\(name)"), stack.composeText, mode: 0o600)
        }
        fake.files.put("/srv/shop/files/db/db.conf-0123456789ab", "a = 1\n")
        fake.files.put("/srv/shop/secrets/db/key-0123456789ab", "secret", mode: 0o400)
        for name in ["shop.json", "shop.failed.log", "shop-old.json"] {
            fake.files.put(FilePath("/var/lib/propel/stacks/\(name)"), "{}", mode: 0o600)
        }
        fake.files.put("/var/backups/propel/shop/20250101/data.tar", "data")
        docker.state.withLock {
            $0.containers["db"] = .init(id: "d1", name: "db", image: "postgres:15", imageID: "p")
            $0.volumes = ["shop_data"]
            $0.networks["shop_db"] = ""
            $0.networks["shop-old_db"] = ""
        }
    }

    private func enforce(_ host: Host) async -> RunSummary { await fake.enforce(host).summary }

    @Test func `containers, networks and files go, and data stays`() async throws {
        #expect(host.problems.isEmpty)
        let check = try await fake.check(StackContainersAbsent(stack: stack))
        #expect(check.reason == "remove the containers db and the networks shop_db: volumes and backups stay")
        let run = await enforce(host)
        #expect(run[.failed] == 0 && run[.skipped] == 0 && run[.changed] == 3)
        #expect(docker.containers.isEmpty)
        #expect(docker.state.withLock { $0.networks.keys.filter { $0.hasPrefix("shop") } } == ["shop-old_db"])
        #expect(docker.state.withLock { $0.volumes } == ["shop_data"])
        try fake.operations.require("systemctl disable --now -- stack-shop.service", before: "docker stop d1")
        try fake.operations.require("docker stop d1", before: "docker rm d1")
        try fake.operations.require("docker network rm shop_db", before: "remove /srv/shop/docker-compose.yml")
        #expect(fake.files["/srv/shop"] == nil && fake.files[Self.unit] == nil)
        #expect(try fake.files.list("/var/lib/propel/stacks") == ["shop-old.json"])
        #expect(fake.files["/var/backups/propel/shop/20250101/data.tar"] != nil)
        #expect(await enforce(host)[.changed] == 0)
    }

    @Test func `what Propel has not put into the directory stays`() async throws {
        fake.files.put("/srv/shop/data/file", "data")
        fake.files.put("/srv/shop/files/mine.txt", "mine")
        #expect(await enforce(host)[.failed] == 0)
        #expect(try fake.files.list("/srv/shop") == ["data", "files"])
        #expect(try fake.files.list("/srv/shop/files") == ["mine.txt"])
    }

    @Test func `of another project only the containers go`() async throws {
        for name in ["shop.json", "shop.failed.log"] {
            try fake.files.remove(FilePath("/var/lib/propel/stacks/\(name)"))
        }
        fake.files.put("/srv/shop/docker-compose.yml", "services: {}\n")
        let before = fake.files.snapshot.filter { $0.key.string.hasPrefix("/srv/shop") }
        #expect(await enforce(host)[.failed] == 0)
        #expect(docker.containers.isEmpty)
        #expect(fake.files.snapshot.filter { $0.key.string.hasPrefix("/srv/shop") } == before)
    }

    @Test func `a container that docker removes when it stops is not removed twice`() async throws {
        docker.state.withLock { state in
            state.containers["db-run"] = .init(id: "r1", name: "db", image: "postgres:15", imageID: "p")
            // Called before the command is executed.
            state.before = { [docker = docker] command in
                let words = command.arguments
                if words.first == "rm" { #expect(words == ["rm", "d1"]) }
                if words.first == "stop" { _ = docker.state.withLock { $0.containers.removeValue(forKey: "db-run") } }
            }
        }
        #expect(await enforce(host)[.failed] == 0)
        #expect(docker.containers.isEmpty)
    }

    /// Otherwise nothing would ever remove its images.
    @Test func `the tags by which Propel has kept its images go`() async throws {
        for reason in ["good", "refused", "failed"] { docker.bring("propel.localhost/\(reason):shop.db", "sha256:p") }
        docker.bring("postgres:15", "sha256:p")
        #expect(await enforce(host)[.failed] == 0)
        #expect(docker.images == ["postgres:15": "sha256:p"])
        let list = try #require(fake.commands.log.first { $0.hasPrefix("docker image ls") })
        #expect(list.contains("propel.localhost/*:shop.*"))
        try fake.operations.require("docker image rm", before: "remove /var/lib/propel/stacks/shop.json")
    }

    // MARK: - Another directory

    /// Records that Propel has deployed the stack.
    private func recordDeployment() throws {
        var record = StackRecord()
        record.current = StackRecord.Deployment(
            id: "1", version: "v1", dataFormat: 1, time: "2025-01-01T00:00:00Z", images: ["db": "postgres:15"])
        try record.write(of: stack, on: fake.machine)
    }

    @Test func `a project of compose in the usual directory stays, and the failure asks for the other one`()
        async throws
    {
        try recordDeployment()
        for name in ["docker-compose.yml", "docker-compose.override.yml", "good/mine.txt"] {
            fake.files.put(FilePath("/srv/shop/\(name)"), "services: {}\n")
        }
        let before = fake.files.snapshot.filter { $0.key.string.hasPrefix("/srv/shop") }
        let failure = await #expect(throws: Failure.self) { try await fake.check(StackFilesAbsent(stack: stack)) }
        #expect(failure?.message.hasPrefix("/srv/shop has a compose file that Propel did not write") == true)
        #expect(await enforce(host)[.failed] == 1)
        #expect(fake.files.snapshot.filter { $0.key.string.hasPrefix("/srv/shop") } == before)
        #expect(fake.files["/var/lib/propel/stacks/shop.json"] != nil)
    }

    @Test func `containers of another directory are not removed without it`() async throws {
        try recordDeployment()
        docker.state.withLock {
            $0.containers["db"]?.labels = ["com.docker.compose.project.working_dir": "/srv/propel/shop"]
        }
        let failure = await #expect(throws: Failure.self) { try await fake.check(StackContainersAbsent(stack: stack)) }
        #expect(
            failure?.message == "the containers of shop were started from /srv/propel/shop, not from /srv/shop")
        #expect(
            failure?.advice == "Give that directory: Stack.Absent(\"shop\", directory: \"/srv/propel/shop\").")
        let other = StackContainersAbsent(stack: Stack("shop", directory: "/srv/propel/shop") { [any StackPart]() })
        #expect(try await fake.check(other).reason?.hasPrefix("remove the containers db") == true)
    }

    @Test func `files that were left in another directory go once it is given`() async throws {
        fake.files.put("/srv/propel/shop/docker-compose.yml", stack.composeText, mode: 0o600)
        fake.files.put("/srv/propel/shop/secrets/db/key-0123456789ab", "secret", mode: 0o400)
        #expect(await enforce(host)[.failed] == 0)
        let other = Host("x", runs: Debian.self) { Stack.Absent("shop", directory: "/srv/propel/shop") }
        #expect(await enforce(other)[.changed] == 1)
        #expect(fake.files["/srv/propel/shop"] == nil)
        #expect(await enforce(other)[.changed] == 0)
    }

    @Test func `the files of a stack that has taken the directory over stay`() async throws {
        try recordDeployment()
        let files = Stack("wiki") { Properties.Container("app", image: "wiki") }.composeText
        fake.files.put("/srv/shop/docker-compose.yml", files, mode: 0o600)
        let before = fake.files.snapshot.filter { $0.key.string.hasPrefix("/srv/shop") }
        #expect(await enforce(host)[.failed] == 0)
        #expect(fake.files.snapshot.filter { $0.key.string.hasPrefix("/srv/shop") } == before)
        #expect(try fake.files.list("/var/lib/propel/stacks") == ["shop-old.json"])
    }

    @Test func `while a restore is unfinished nothing of the stack is removed`() async throws {
        try RestoreRecord.begin(.init(backup: "20250101", safety: nil), of: stack, on: fake.machine)
        let containers = StackContainersAbsent(stack: stack)
        let failure = await #expect(throws: Failure.self) { try await fake.check(containers) }
        #expect(failure?.message.contains("was interrupted") == true)
        await #expect(throws: Failure.self) { try await containers.apply(on: fake.machine) }
        await #expect(throws: Failure.self) { try await StackFilesAbsent(stack: stack).apply(on: fake.machine) }
        #expect(docker.containers.count == 1 && fake.files["/srv/shop/docker-compose.yml"] != nil)
    }

    @Test func `a machine without docker has no containers`() async throws {
        let bare = FakeMachine()
        #expect(try await bare.check(StackContainersAbsent(stack: stack)) == .satisfied)
        #expect(try await bare.check(StackFilesAbsent(stack: stack)) == .satisfied)
        #expect(bare.commands.log.isEmpty)
    }

    @Test func `a stack that is there and not there is a conflict`() {
        let host = Host("x", runs: Debian.self) {
            stack
            Stack.Absent("shop")
        }
        #expect(host.conflicts.map(\.subject).contains("the stack shop"))
    }

    @Test(arguments: [
        ("", "/srv/a"), ("A b", "/srv/a"), ("../x", "/srv/a"), ("shop", "srv"), ("shop", "/"), ("shop", "/srv/../etc"),
    ])
    func `an invalid name or directory is a problem`(_ name: String, _ directory: String) async throws {
        let host = Host("x", runs: Debian.self) { Stack.Absent(name, directory: FilePath(directory)) }
        #expect(!host.problems.isEmpty)
        let before = fake.files.snapshot.filter { $0.key.string.hasPrefix("/srv") }
        _ = await enforce(host)
        #expect(fake.files.snapshot.filter { $0.key.string.hasPrefix("/srv") } == before)
        #expect(docker.containers.count == 1)
    }

    @Test(arguments: Fault.allCases) func `what a fault has cut is finished`(_ fault: Fault) async throws {
        try await atEveryOperation(of: { StackAbsentTests() }, \.fake, fault) { tests in
            _ = await tests.enforce(tests.host)
        } judge: { tests in
            let run = await tests.enforce(tests.host)
            try hold(run[.failed] == 0 && run[.skipped] == 0, "the next run fails: \(run)")
            try hold(tests.docker.containers.isEmpty, "containers are left")
            let left = tests.fake.files.snapshot.keys.map(\.string).filter {
                $0.hasPrefix("/srv/shop") || $0.contains("/stacks/shop.") || $0 == Self.unit.string
            }
            try hold(left.isEmpty, "\(left) is left")
            try hold(tests.fake.files["/var/backups/propel/shop/20250101/data.tar"] != nil, "a backup is lost")
        }
    }
}
