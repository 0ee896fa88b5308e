import PropelTesting
import RecordedOperations
import Testing
import Yams

@testable import Properties

@Suite(.recorded) struct StackDeploymentTests {
    let fake = FakeMachine()
    let docker: FakeDocker

    init() { docker = FakeDocker(on: fake) }

    func stack(
        tag: String = "v1", workers: Int = 4, format: Int = 1, hasCache: Bool = false, password: Content = "plain",
        healthTimeout: Duration = .hours(1)
    ) -> Stack {
        Stack("shop", dataFormat: format, healthTimeout: healthTimeout) {
            Container("db", image: "postgres", tag: "15") {
                Environment("PASSWORD", password)
                HealthCheck("true")
            }
            Container("app", image: "app", tag: tag) {
                DependsOn("db")
                ConfigurationFile("/etc/app.conf", text: "workers = \(workers)\n")
                ConfigurationFile("/run/password", password, mode: 0o400)
                HealthCheck("true")
            }
            if hasCache { Container("cache", image: "cache") }
        }
    }

    func ids() -> [String: String] { docker.containers.mapValues(\.id) }

    @Test func `a second run changes nothing`() async throws {
        try await fake.obeysLaw(deployment(stack()))
        #expect(ids().keys.sorted() == ["app", "db"])
        let answer = try await fake.check(deployment(stack()))
        #expect(answer == .satisfied)
        #expect(fake.files["/srv/shop/docker-compose.yml"]?.text == stack().composeText)
        #expect(fake.files["/srv/shop"]?.status.mode == 0o700)
    }

    @Test func `only containers that changed are recreated`() async throws {
        try await fake.obeysLaw(deployment(stack()))
        let before = ids()
        let change = try await fake.obeysLaw(deployment(stack(workers: 8)))
        #expect(change.reason.contains("the compose file changes"))
        #expect(ids()["db"] == before["db"])
        #expect(ids()["app"] != before["app"])
        // The file of the former one is removed once it is unused.
        let files = fake.files.snapshot.keys.map(\.string).filter { $0.hasPrefix("/srv/shop/files/app/app.conf") }
        #expect(files.count == 1, "\(files)")
    }

    @Test func `the plan names a new tag`() async throws {
        try await fake.obeysLaw(deployment(stack()))
        let change = try await fake.obeysLaw(deployment(stack(tag: "v2")))
        let stop = "stop first: app (it has no Publish(oneOf:))"
        #expect(change.reason == "the compose file changes; app: app:v1 → app:v2; \(stop)")
        #expect(change.diff?.text.contains("-    image: app:v1\n+    image: app:v2") == true)
    }

    @Test(arguments: ["stopped", "gone", "unhealthy", "made by hand", "file"])
    func `drift is repaired`(_ drift: String) async throws {
        try await fake.obeysLaw(deployment(stack()))
        let before = ids()
        docker.state.withLock { state in
            switch drift {
            case "stopped":
                state.containers["app"]?.state = "exited"
                state.containers["app"]?.status = "Exited (0) 1 second ago"
            case "gone": state.containers["app"] = nil
            case "unhealthy": state.containers["app"]?.status = "Up 1 minute (unhealthy)"
            case "made by hand": state.containers["app"]?.id = "other"
            default: fake.files.put("/srv/shop/docker-compose.yml", "services: {}\n", mode: 0o600)
            }
        }
        if drift == "unhealthy" {
            // To recreate it would not help: it is reported and stays.
            let found = try await fake.check(deployment(stack()))
            #expect(found == .unmet("app is unhealthy"))
            return
        }
        try await fake.obeysLaw(deployment(stack()))
        #expect(ids()["db"] == before["db"])
        #expect(ids()["app"] != nil)
    }

    @Test func `a container that left the stack is removed`() async throws {
        try await fake.obeysLaw(deployment(stack(hasCache: true)))
        let change = try await fake.obeysLaw(deployment(stack()))
        #expect(change.reason == "the compose file changes; remove cache, which is no longer in the stack")
        #expect(ids().keys.sorted() == ["app", "db"])
    }

    @Test func `a version that never becomes healthy is rolled back`() async throws {
        try await fake.obeysLaw(deployment(stack()))
        let compose = fake.files["/srv/shop/docker-compose.yml"]?.text
        docker.state.withLock { $0.statuses["app:sick"] = "Up 5 seconds (unhealthy)" }
        let failure = await #expect(throws: Failure.self) {
            try await deployment(stack(tag: "sick")).apply(on: fake.machine)
        }
        #expect(failure?.isRolledBack == true)
        #expect(
            failure?.message.hasPrefix(
                "app of shop is unhealthy: Up 5 seconds (unhealthy); rolled back to the version of ") == true)
        #expect(failure?.output == ["it starts", "it is sick"])
        #expect(docker.containers["app"]?.image == "app:v1")
        #expect(fake.files["/srv/shop/docker-compose.yml"]?.text == compose)
        // Nothing is left of the attempt.
        let now = try await fake.check(deployment(stack()))
        #expect(now == .satisfied)
        #expect(try fake.files.list("/srv/shop") == ["docker-compose.yml", "files", "good"])
        let next = try await fake.check(deployment(stack(tag: "v2")))
        #expect(next.change?.reason.hasPrefix("the compose file changes; app: app:v1 → app:v2; stop first") == true)
    }

    @Test func `the first version cannot be rolled back`() async throws {
        docker.state.withLock { $0.statuses["app:sick"] = "Up 5 seconds (unhealthy)" }
        let failure = await #expect(throws: Failure.self) {
            try await deployment(stack(tag: "sick")).apply(on: fake.machine)
        }
        #expect(failure?.isRolledBack == false)
        #expect(failure?.advice?.hasPrefix("There is no previous version") == true)
        #expect(docker.containers["app"]?.image == "app:sick")
    }

    /// A run that is killed between any two steps: the next one knows that it is not done, and can still roll back.
    @Test func `a killed deployment is finished and can still be rolled back`() async throws {
        try await fake.obeysLaw(deployment(stack()))
        docker.state.withLock { $0.refusal = CommandResult(ending: .signaled(9)) }
        fake.commands.program("docker-compose-cut", prints: "")
        // Killed before it could roll back.
        docker.state.withLock { $0.statuses["app:sick"] = "Up 5 seconds (unhealthy)" }
        _ = try? await deployment(stack(tag: "sick")).apply(on: fake.machine)
        docker.state.withLock { $0.refusal = nil }
        let found = try await fake.check(deployment(stack(tag: "sick")))
        #expect(found != .satisfied)
        let failure = await #expect(throws: Failure.self) {
            try await deployment(stack(tag: "sick")).apply(on: fake.machine)
        }
        #expect(failure?.isRolledBack == true)
        #expect(docker.containers["app"]?.image == "app:v1")
        try await fake.obeysLaw(deployment(stack(tag: "v2")))
    }

    @Test func `data of a newer format is refused`() async throws {
        try await fake.obeysLaw(deployment(stack(tag: "v2", format: 2)))
        let failure = await #expect(throws: Failure.self) {
            try await fake.check(deployment(stack(tag: "v1", format: 1)))
        }
        #expect(failure?.message.hasPrefix("the data of shop may have format 2, ") == true)
        #expect(failure?.message.hasSuffix("and this version knows only format 1") == true)
    }

    /// It may have changed the data before it became unhealthy.
    @Test func `an unhealthy version with a newer format is not rolled back`() async throws {
        try await fake.obeysLaw(deployment(stack()))
        docker.state.withLock { $0.statuses["app:sick"] = "Up 5 seconds (unhealthy)" }
        let failure = await #expect(throws: Failure.self) {
            try await deployment(stack(tag: "sick", format: 2)).apply(on: fake.machine)
        }
        #expect(failure?.isRolledBack == false)
        #expect(failure?.advice?.contains("--restore") == true)
        #expect(docker.containers["app"]?.image == "app:sick")
        let back = await #expect(throws: Failure.self) { try await fake.check(deployment(stack())) }
        #expect(back?.message.contains("may have format 2") == true)
        try await fake.obeysLaw(deployment(stack(tag: "v3", format: 2)))
    }

    @Test func `a directory with foreign content is refused`() async throws {
        fake.files.put("/srv/shop/docker-compose.yml", "services: {db: {environment: {PASSWORD: hunter2}}}\n")
        fake.files.put("/srv/shop/files/upload.jpg", "picture")
        let before = fake.files.snapshot
        let failure = await #expect(throws: Failure.self) { try await fake.check(deployment(stack())) }
        #expect(
            failure?.message
                == "/srv/shop has content that Propel did not write: docker-compose.yml, files")
        await #expect(throws: Failure.self) { try await deployment(stack()).apply(on: fake.machine) }
        #expect(fake.files.snapshot == before)
    }

    @Test func `a staged file left by a power cut is not foreign`() async throws {
        fake.files.put("/srv/shop/files/app/.app.conf-0123456789ab.propel", "half")
        fake.files.put("/srv/shop/..candidate.yml.propel", "half")
        try await fake.obeysLaw(deployment(stack()))
        #expect(fake.files["/srv/shop/files/app/.app.conf-0123456789ab.propel"] == nil)
    }

    @Test func `a directory writable by others is rejected`() async throws {
        try await fake.obeysLaw(deployment(stack()))
        try fake.files.setOwner(Owner(user: 1000, group: 1000), of: "/srv/shop")
        let failure = await #expect(throws: Failure.self) { try await fake.check(deployment(stack())) }
        #expect(failure?.message == "/srv/shop of the stack shop is writable by others than root")
    }

    /// Others could replace the directory, from which root starts containers at boot.
    @Test(arguments: [("/home/bot", ModeBits(0o755), UInt32(1000)), ("/home", 0o777, 0)])
    func `a directory with a foreign parent is refused`(
        _ path: String, _ mode: ModeBits, _ user: UInt32
    ) async throws {
        fake.files.put(directory: "/home", mode: 0o755)
        fake.files.put(directory: "/home/bot", mode: 0o755)
        let stack = Stack("bot", directory: "/home/bot/stack", healthTimeout: .hours(1)) {
            Container("app", image: "app")
        }
        let isFine = try await fake.check(deployment(stack))
        #expect(isFine != .satisfied)
        fake.files.put(directory: FilePath(path), mode: mode, owner: Owner(user: user, group: 0))
        let failure = await #expect(throws: Failure.self) { try await fake.check(deployment(stack)) }
        #expect(
            failure?.message
                == "\(path) is writable by others than root, who could replace /home/bot/stack, from which root "
                + "starts containers"
        )
    }

    /// None of its containers was started, so none can have changed the data.
    @Test func `a newer format does not count before its containers start`() async throws {
        try await fake.obeysLaw(deployment(stack()))
        fake.files.fail("/srv/shop/docker-compose.yml", with: .noSpace)
        let newer = Stack("shop", dataFormat: 2, healthTimeout: .hours(1)) { Container("db", image: "db:2") }
        await #expect(throws: (any Error).self) { try await deployment(newer).apply(on: fake.machine) }
        #expect(try StackRecord(of: stack(), on: fake.machine).dataFormat == 1)
    }

    /// Compose does not notice, and the container has the former file mounted.
    @Test func `an edited mounted file recreates its container`() async throws {
        try await fake.obeysLaw(deployment(stack()))
        let before = ids()
        let path = try #require(fake.files.snapshot.keys.first { $0.string.hasPrefix("/srv/shop/files/app/app.conf") })
        fake.files.put(path, "evil\n")
        try await fake.obeysLaw(deployment(stack()))
        #expect(fake.files[path]?.text == "workers = 4\n")
        #expect(ids()["app"] != before["app"] && ids()["db"] == before["db"])
    }

    /// Two of them with one volume would be two databases in one directory.
    @Test func `a renamed container is stopped before its successor starts`() async throws {
        try await fake.obeysLaw(deployment(stack(hasCache: true)))
        let count = fake.commands.log.count
        try await deployment(stack()).apply(on: fake.machine)
        let log = fake.commands.log.dropFirst(count).map(\.self)
        let stop = try #require(log.firstIndex { $0.hasPrefix("docker stop") }),
            up = try #require(log.firstIndex { $0.contains(" up ") })
        #expect(stop < up)
    }

    @Test func `without docker the check is undetermined`() async throws {
        fake.commands.program("docker") { _ in CommandResult(ending: .notFound) }
        let answer = try await fake.check(deployment(stack()))
        #expect(answer == .unknown(until: "docker is installed"))
    }

    // MARK: - Volumes

    func named(_ volume: String, backup: VolumeBackup = .archive(while: .stopped)) -> Stack {
        Stack("shop", healthTimeout: .hours(1)) {
            Container("db", image: "db") { Volume(volume, at: "/data", backup: backup) }
        }
    }

    @Test func `the plan reports a renamed volume`() async throws {
        try await fake.obeysLaw(deployment(named("data")))
        let change = try await fake.obeysLaw(deployment(named("rows")))
        #expect(
            change.reason.contains(
                "/data of db is in the new volume shop_rows from now on; shop_data is kept, unused"))
        let record = try StackRecord(of: named("rows"), on: fake.machine)
        #expect(
            record.current?.volumes == [
                StackRecord.UsedVolume(container: "db", source: "shop_rows", path: "/data", isBackedUp: true)
            ])
    }

    @Test func `a volume of the previous version is backed up once more`() async throws {
        try await fake.obeysLaw(deployment(named("data")))
        let record = try StackRecord(of: named("rows"), on: fake.machine)
        #expect(record.formerVolumes(of: named("rows")).map(\.source) == ["shop_data"])
        #expect(record.formerVolumes(of: named("data")).isEmpty)
        try await fake.obeysLaw(deployment(named("rows", backup: .none)))
        let after = try StackRecord(of: named("rows"), on: fake.machine)
        #expect(after.formerVolumes(of: named("new")).isEmpty)
    }
}

extension Check {
    fileprivate var change: Change? { if case .unmet(let change) = self { change } else { nil } }
}

extension FakeFileSystem.Node {
    fileprivate var text: String { String(decoding: bytes, as: UTF8.self) }
}
