import PropelTesting
import RecordedOperations
import Synchronization
import Testing

@testable import Properties

/// The order in which containers start, and the waits in between.
@Suite(.recorded) struct StackStartTests {
    private let fake = FakeMachine()
    private let docker: FakeDocker

    init() { docker = FakeDocker(on: fake) }

    /// The services that compose was told to start, in order.
    private var started: [String] {
        fake.commands.log.filter { $0.contains(" up ") && !$0.contains("--no-start") }.map { line in
            line.replacing("--timeout 30", with: "").split(separator: " ").drop { $0 != "up" }.dropFirst().filter {
                !$0.hasPrefix("--")
            }.joined(separator: " ")
        }
    }

    private func count(_ program: String) -> Int { fake.commands.log.count { $0.hasPrefix(program) } }

    // MARK: - One-shot containers

    private func migrating(tag: String = "v1", app: String? = nil, workers: Int = 1) -> Stack {
        Stack("shop", healthTimeout: .hours(1)) {
            Container("app", image: "app", tag: app ?? tag) {
                DependsOn("migrate")
                Environment("WORKERS", text: "\(workers)")
                HealthCheck("true")
            }
            Container("migrate", image: "migrate", tag: tag) {
                RestartPolicy(.never)
                Volume("data", at: "/data")
            }
        }
    }

    @Test func `dependents start after a migration exits`() async throws {
        // It exits when docker has been asked about it three times.
        let asked = Mutex(0)
        docker.state.withLock { $0.statuses["migrate:v1"] = "Up 1 second" }
        docker.state.withLock {
            $0.before = { [docker] command in
                guard command.arguments.first == "ps", docker.containers["migrate"] != nil,
                    asked.withLock({
                        $0 += 1; return $0
                    }) == 3
                else { return }
                docker.state.withLock { state in
                    #expect(state.containers["app"] == nil)
                    state.containers["migrate"]?.state = "exited"
                    state.containers["migrate"]?.status = "Exited (0) 1 second ago"
                }
            }
        }
        try await fake.obeysLaw(deployment(migrating()))
        #expect(started == ["migrate", "app"])
    }

    /// Compose would run it again, and its dependents would wait.
    @Test func `a migration does not run at boot`() {
        #expect(!migrating().composeText.contains("depends_on"))
        #expect(migrating().bootUnitText.contains(" up --detach --no-build --no-recreate app;"))
        #expect(plain().bootUnitText.contains(" up --detach --no-build --no-recreate;"))
        let once = Stack("shop") { Container("migrate", image: "migrate") { RestartPolicy(.never) } }
        #expect(once.bootUnitText.contains("ExecStart=/bin/true\n"))
    }

    @Test func `a migration does not run again on a rollback`() async throws {
        try await fake.obeysLaw(deployment(migrating()))
        docker.state.withLock { $0.statuses["app:sick"] = "Up 5 seconds (unhealthy)" }
        let failure = await #expect(throws: Failure.self) {
            try await deployment(migrating(app: "sick")).apply(on: fake.machine)
        }
        #expect(failure?.isRolledBack == true)
        #expect(started == ["migrate", "app", "app", "app"])
    }

    @Test func `a failed migration fails the deployment`() async throws {
        try await fake.obeysLaw(deployment(migrating()))
        docker.state.withLock { $0.statuses["migrate:v2"] = "Exited (3) 1 second ago" }
        let failure = await #expect(throws: Failure.self) {
            try await deployment(migrating(tag: "v2")).apply(on: fake.machine)
        }
        #expect(
            failure?.message.hasPrefix(
                "migrate of shop failed: Exited (3) 1 second ago; rolled back to the version of ") == true)
        #expect(failure?.output == ["it starts", "it is sick"])
        #expect(docker.containers["app"]?.image == "app:v1")
    }

    @Test func `a migration runs once`() async throws {
        try await fake.obeysLaw(deployment(migrating()))
        try await fake.obeysLaw(deployment(migrating(workers: 2)))
        #expect(started == ["migrate", "app", "app"])
        // One that changed is.
        try await fake.obeysLaw(deployment(migrating(tag: "v2", workers: 2)))
        #expect(started.suffix(2) == ["migrate", "app"])
    }

    @Test(arguments: ["Exited (1) 1 hour ago", "Up AGE"])
    func `a migration that has not succeeded is unmet`(_ status: String) async throws {
        try await fake.obeysLaw(deployment(migrating()))
        docker.state.withLock { $0.containers["migrate"]?.status = status }
        docker.state.withLock { $0.containers["migrate"]?.state = status.hasPrefix("Up") ? "running" : "exited" }
        let found = try await fake.check(deployment(migrating()))
        #expect(found == .unmet(status.hasPrefix("Up") ? "migrate has not exited yet" : "migrate is exited"))
    }

    // MARK: - Without a health check

    private func plain(_ workers: Int = 1) -> Stack {
        Stack("shop", healthTimeout: .hours(1)) {
            Container("a", image: "a") { Environment("WORKERS", text: "\(workers)") }
            Container("b", image: "b") { DependsOn("a") }
        }
    }

    @Test func `a container without a health check must keep running`() async throws {
        // The last restart of one was two seconds ago when all were started.
        let ages = [1, 1, 1, 1, 2, 4, 6, 8, 9, 10, 11, 12]
        docker.state.withLock { $0.ages = ages }
        try await deployment(plain()).apply(on: fake.machine)
        #expect(docker.state.withLock { $0.ages } == [12])
        let before = count("docker ps")
        #expect(before >= ages.count)
        // One that has run for long is not waited for.
        docker.state.withLock { $0.ages = [3600] }
        try await deployment(plain()).apply(on: fake.machine)
        #expect(count("docker ps") - before < ages.count)
    }

    @Test func `a run without changes does not wait`() async throws {
        try await fake.obeysLaw(deployment(plain()))
        docker.state.withLock { $0.ages = [1] }
        let answer = try await fake.check(deployment(plain()))
        #expect(answer == .satisfied)
    }

    @Test(arguments: [
        ("Up Less than a second", false), ("Up 1 second", false), ("Up 9 seconds", false), ("Up 10 seconds", true),
        ("Up 59 seconds", true),
        ("Up About a minute", true), ("Up 2 minutes", true), ("Up About an hour", true), ("Up 3 days", true),
        ("Up 2 seconds (healthy)", true),
        ("Up 5 seconds (health: starting)", false),
    ])
    func `the uptime of a container is read from its status`(_ status: String, _ isSteady: Bool) {
        let found = StackContainers.Found(id: "1", name: "a", image: "a", state: "running", status: status)
        #expect(found.isSteady == isSteady)
    }

    // MARK: - Moving resources

    private func shared(portOf port: String, volumeOf volume: String, tag: String = "v1") -> Stack {
        Stack("shop", healthTimeout: .hours(1)) {
            for name in ["left", "right"] {
                Container(name, image: "database", tag: tag) {
                    Environment("DATABASE", "yes")
                    if name == port { Publish(8080, to: 80) }
                    if name == volume { Volume("data", at: "/data") }
                    HealthCheck("true")
                }
            }
        }
    }

    @Test func `a port that moves is freed first`() async throws {
        try await fake.obeysLaw(deployment(shared(portOf: "left", volumeOf: "left")))
        try await fake.obeysLaw(deployment(shared(portOf: "right", volumeOf: "left")))
        #expect(docker.containers["right"]?.ports == ["8080"] && docker.containers["left"]?.ports == [])
        try await fake.obeysLaw(deployment(shared(portOf: "left", volumeOf: "left")))
        #expect(docker.containers["left"]?.ports == ["8080"])
    }

    @Test func `a volume that moves is freed first`() async throws {
        try await fake.obeysLaw(deployment(shared(portOf: "left", volumeOf: "left")))
        try await fake.obeysLaw(deployment(shared(portOf: "left", volumeOf: "right")))
        #expect(docker.containers["right"]?.volumes == ["shop_data"] && docker.containers["left"]?.volumes == [])
    }

    @Test func `a rollback moves a port back`() async throws {
        try await fake.obeysLaw(deployment(shared(portOf: "right", volumeOf: "right")))
        docker.state.withLock { $0.statuses["database:sick"] = "Up 5 seconds (unhealthy)" }
        let failure = await #expect(throws: Failure.self) {
            try await deployment(shared(portOf: "left", volumeOf: "left", tag: "sick")).apply(on: fake.machine)
        }
        #expect(failure?.isRolledBack == true, "\(String(describing: failure))")
        #expect(docker.containers["right"]?.ports == ["8080"] && docker.containers["right"]?.volumes == ["shop_data"])
    }

    @Test func `a container that keeps its resources keeps running`() async throws {
        try await fake.obeysLaw(deployment(shared(portOf: "left", volumeOf: "left")))
        let before = fake.commands.log.count
        try await fake.obeysLaw(deployment(shared(portOf: "left", volumeOf: "left", tag: "v2")))
        #expect(!fake.commands.log.dropFirst(before).contains { $0.hasPrefix("docker stop") })
    }

    /// A container that falls ill once begins again with its three looks.
    @Test func `three looks in a row must find all healthy`() async throws {
        let looks = Mutex<[String]>([])
        docker.state.withLock { state in
            state.before = { [docker] command in
                guard command.arguments.first == "ps", docker.containers["app"]?.state == "running" else { return }
                let number = looks.withLock { looks in
                    looks.append("look")
                    return looks.count
                }
                // The first look is that of the start. The fourth interrupts the row.
                let status = number == 4 ? "Up 5 seconds (health: starting)" : "Up 5 seconds (healthy)"
                docker.state.withLock { $0.containers["app"]?.status = status }
            }
        }
        let stack = Stack("shop", healthTimeout: .hours(1)) {
            Container("app", image: "app") { HealthCheck("true") }
        }
        let wait = HealthWait(StackContext(stack.polling(every: .zero), on: fake.machine))
        try await fake.obeysLaw(deployment(stack))
        looks.withLock { $0 = ["look"] }
        try await wait.untilSteady()
        // The first, two, the one that interrupts the row, and three.
        #expect(looks.withLock { $0.count } == 7)
    }
}
