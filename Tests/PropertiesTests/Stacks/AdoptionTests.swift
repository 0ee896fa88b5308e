import PropelTesting
import RecordedOperations
import Testing

@testable import Properties

/// The first deployment of a stack over a compose project of the same name that runs already.
@Suite(.recorded) struct AdoptionTests {
    private let fake = FakeMachine()
    private let docker: FakeDocker

    init() { docker = FakeDocker(on: fake) }

    private static let directory: FilePath = "/opt/shop"

    /// Starts a project as somebody has it: a database, an application, and a job that was stopped.
    private func startProject(databaseVolume: String = "data") throws {
        fake.files.put(
            Self.directory.appending("compose.yaml"),
            """
            services:
              db:
                image: postgres:15
                volumes: [{type: volume, source: \(databaseVolume), target: /var/lib/postgresql/data}]
                healthcheck: {test: ["CMD", "true"]}
              app:
                image: app:old
              cron:
                image: cron:1
            volumes: {\(databaseVolume): {}}
            """, mode: 0o644)
        fake.files.put(Self.directory.appending(".env"), "PASSWORD=hunter2\n")
        let command = Invocation(
            "docker-compose",
            [
                "--project-name", "shop", "--project-directory", Self.directory.string, "--file",
                Self.directory.appending("compose.yaml").string, "up", "--detach",
            ])
        #expect(try docker.compose(command).succeeded)
        docker.state.withLock { state in
            state.volumes.insert("shop_\(databaseVolume)")
            state.containers["cron"]?.state = "exited"
            state.containers["cron"]?.status = "Exited (0) 1 hour ago"
        }
    }

    private func stack(tag: String = "v1", from origin: String? = nil) -> Stack {
        Stack("shop", healthTimeout: .hours(1), dataFrom: origin) {
            Container("db", image: "postgres", tag: "15") {
                Volume("data", at: "/var/lib/postgresql/data")
                HealthCheck("true")
            }
            Container("app", image: "app", tag: tag) {
                DependsOn("db")
                HealthCheck("true")
            }
        }
    }

    private func refuse(_ stack: Stack) async -> Failure? {
        await #expect(throws: Failure.self) { try await deployment(stack).apply(on: fake.machine) }
    }

    private func record() throws -> StackRecord { try StackRecord(of: stack(), on: fake.machine) }

    // MARK: - The plan

    @Test func `the plan says what is taken over`() async throws {
        try startProject()
        let check = try await fake.check(deployment(stack()))
        #expect(
            check.reason
                == "takes over 2 running containers of the project shop with the volume shop_data; no compose file "
                + "yet; app: app:old → app:v1; remove cron, which is no longer in the stack")
        #expect(try await fake.check(BackupBeforeChange(stack: stack())).reason == nil, "there is nothing in it")
    }

    @Test func `the data is backed up before`() async throws {
        try startProject()
        fake.files.put(FakeDocker.mountpoint("shop_data").appending("rows"), "1")
        let check = try await fake.check(BackupBeforeChange(stack: stack()))
        #expect(check.reason == "back up data")
    }

    @Test func `the plan names a volume that the stack does not go on with`() async throws {
        try startProject(databaseVolume: "pgdata")
        let check = try await fake.check(deployment(stack()))
        #expect(
            check.reason?.contains(
                "takes over 2 running containers of the project shop; /var/lib/postgresql/data of db is in the volume "
                    + "shop_data from now on, not in shop_pgdata, which is kept, unused") == true, "\(check)")
    }

    @Test func `the plan names a directory that the stack does not go on with`() async throws {
        try startProject()
        docker.answer { words in
            guard words.contains(where: { $0.contains(".Config.Labels") }) else { return nil }
            let mount = #"{"Type":"bind","Source":"/opt/shop/data","Destination":"/var/lib/postgresql/data"}"#
            return .printing("db-3\tsha256:postgres:15\t\"postgres:15\"\t{}\t[\(mount)]\n")
        }
        let id = docker.containers["db"]?.id ?? ""
        docker.state.withLock { $0.containers["db"]?.id = "db-3" }
        #expect(!id.isEmpty)
        let check = try await fake.check(deployment(stack()))
        #expect(
            check.reason?.contains(
                "/var/lib/postgresql/data of db is in the volume shop_data from now on, not in /opt/shop/data, which "
                    + "is kept, unused") == true, "\(check)")
        // In the same directory nothing begins empty.
        let kept = Stack("shop") {
            Container("db", image: "postgres", tag: "15") {
                Volume("data", at: "/var/lib/postgresql/data", in: "/opt/shop/data")
                HealthCheck("true")
            }
        }
        let other = try await fake.check(deployment(kept))
        #expect(other.reason?.contains("kept, unused") == false, "\(other)")
    }

    @Test func `the plan says what cannot be created again`() async throws {
        try startProject()
        try fake.files.remove(Self.directory.appending("compose.yaml"))
        let check = try await fake.check(deployment(stack()))
        #expect(
            check.reason?.contains(
                "the former containers cannot be created again: there is no file /opt/shop/compose.yaml") == true)
    }

    // MARK: - The deployment

    @Test func `a project is taken over`() async throws {
        try startProject()
        try await fake.obeysLaw(deployment(stack()))
        #expect(docker.containers.mapValues(\.image) == ["db": "postgres:15", "app": "app:v1"])
        #expect(docker.containers["db"]?.volumes == ["shop_data"])
        // It can be started again by hand: nothing of it was touched, and its images are kept.
        #expect(fake.files.text(at: "/opt/shop/.env") == "PASSWORD=hunter2\n")
        #expect(docker.images["propel.localhost/former:shop.app"] == "sha256:app:old")
        // A second version that is healthy ends that.
        try await fake.obeysLaw(deployment(stack(tag: "v2")))
        #expect(docker.images.keys.filter { $0.contains("former") } == [])
        #expect(try record().former == nil)
        #expect(fake.files["/var/lib/propel/stacks/shop.former"] == nil)
    }

    @Test func `the copies of its files are readable by root alone`() async throws {
        try startProject()
        try await fake.obeysLaw(deployment(stack()))
        let folder: FilePath = "/var/lib/propel/stacks/shop.former"
        let time = try #require(try fake.files.list(folder).first), copies = folder.appending(time)
        #expect(try fake.files.list(copies) == ["0-compose.yaml", "1-.env"])
        #expect(fake.files[copies.appending("1-.env")]?.status.mode == 0o600)
        #expect(fake.files["/var/lib/propel/stacks/shop.former"]?.status.mode == 0o700)
    }

    @Test func `a first deployment that fails starts the former containers again`() async throws {
        try startProject()
        let before = docker.containers
        // The name of the image belongs to another one by now, and somebody edits the file.
        docker.state.withLock { $0.statuses["app:sick"] = "Up 5 seconds (unhealthy)" }
        docker.bring("postgres:15", "sha256:newer")
        docker.state.withLock { state in
            state.before = { [fake] command in
                guard command.arguments.contains("--no-deps") else { return }
                fake.files.put(Self.directory.appending("compose.yaml"), "services: {db: {image: evil}}\n")
            }
        }
        let failure = await refuse(stack(tag: "sick"))
        #expect(failure?.isRolledBack == true, "\(String(describing: failure))")
        #expect(
            failure?.message
                == "app of shop is unhealthy: Up 5 seconds (unhealthy); the former containers of the project shop run "
                + "again")
        let after = docker.containers
        #expect(after.mapValues(\.image) == before.mapValues(\.image))
        #expect(after.mapValues(\.imageID) == before.mapValues(\.imageID))
        #expect(after.mapValues(\.volumes) == before.mapValues(\.volumes))
        #expect(after["app"]?.state == "running" && after["db"]?.state == "running")
        #expect(after["cron"]?.state == "created", "it did not run")
        let compose = fake.commands.log.last { $0.contains(" up ") } ?? ""
        #expect(
            compose.contains("--project-directory /opt/shop --env-file /var/lib/propel/stacks/shop.former/")
                && compose.contains("/1-.env --file /var/lib/propel/stacks/shop.former/"), "\(compose)")

        // It is tried again, with another backup, over the containers that run now.
        let next = try await fake.check(deployment(stack()))
        #expect(next.reason?.hasPrefix("takes over 2 running containers of the project shop") == true)
        let key = BackupBeforeChange.key(try record(), stack())
        #expect(!key.hasPrefix("none"))
        // Also if that fails: the containers name the copies as their files by now.
        fake.pass(.seconds(60))
        #expect(await refuse(stack(tag: "sick"))?.isRolledBack == true)
        #expect(docker.containers.mapValues(\.imageID) == before.mapValues(\.imageID))
        fake.pass(.seconds(60))
        try await fake.obeysLaw(deployment(stack()))
        #expect(docker.containers.mapValues(\.image) == ["db": "postgres:15", "app": "app:v1"])
    }

    /// Otherwise nobody would know what ran here, and its images could be removed.
    @Test func `a project is recorded, with its images and files, before any of it goes`() async throws {
        try startProject()
        let before = docker.containers
        fake.inject(.kill, afterFirst: "docker rm")
        await #expect(throws: (any Error).self) { try await deployment(stack()).apply(on: fake.machine) }
        let isDown = fake.operations.isDown
        try #require(isDown)
        fake.restart(seed: 0)
        let former = try #require(try record().former)
        for name in ["db", "app"] {
            #expect(former.imageIDs[name] == before[name]?.imageID)
            #expect(docker.images["propel.localhost/former:shop.\(name)"] == before[name]?.imageID)
        }
        #expect(try !fake.files.list("/var/lib/propel/stacks/shop.former").isEmpty)
    }

    @Test func `a former container that cannot be created again is reported`() async throws {
        try startProject()
        try fake.files.remove(Self.directory.appending("compose.yaml"))
        docker.state.withLock { $0.statuses["app:sick"] = "Up 5 seconds (unhealthy)" }
        let failure = await refuse(stack(tag: "sick"))
        #expect(failure?.isRolledBack == false)
        #expect(
            failure?.message.hasSuffix(
                "the former containers could not be started again: there is no copy of /opt/shop/compose.yaml, which "
                    + "made them") == true, "\(String(describing: failure))")
        #expect(failure?.advice?.contains("(/opt/shop)") == true)
    }

    @Test func `the directory of a project is not taken`() async throws {
        try startProject()
        fake.files.put("/srv/shop/compose.yaml", "services: {}\n")
        let failure = await #expect(throws: Failure.self) { try await fake.check(deployment(stack())) }
        #expect(failure?.advice?.contains("Stack(\"shop\", directory: \"/srv/propel/shop\")") == true)
        #expect(failure?.advice?.contains("propel compose import") == true)
    }

    @Test func `nothing is taken over where nothing runs`() async throws {
        let change = try await fake.obeysLaw(deployment(stack()))
        #expect(change.reason == "no compose file yet; start db; start app")
        #expect(try record().former == nil)
    }

    @Test(arguments: [Fault.powerCut]) func `an interrupted first deployment is finished by the next run`(
        _ fault: Fault
    ) async throws {
        try await atEveryOperation(
            of: {
                let tests = AdoptionTests()
                try tests.startProject()
                return tests
            }, \.fake, fault
        ) { tests in
            try await deployment(tests.stack()).apply(on: tests.fake.machine)
        } judge: { tests in
            try await tests.fake.converge(deployment(tests.stack()))
            try hold(
                tests.docker.containers.mapValues(\.image) == ["db": "postgres:15", "app": "app:v1"],
                "the containers are \(tests.docker.containers)")
        }
    }
}
