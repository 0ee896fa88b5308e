import PropelTesting
import RecordedOperations
import Synchronization
import Testing

@testable import Properties

/// A container that starts beside the one that it replaces, behind the nginx of the machine.
@Suite(.recorded) struct HandoverTests {
    @Test func `a new version starts beside the former one, which goes last`() async throws {
        let shop = try await ServedShop.deployed(), before = shop.fake.commands.log.count
        let change = try await shop.fake.obeysLaw(shop.deployment("v2"))
        #expect(change.reason == "the compose file changes; app: app:v1 → app:v2; start beside the former one: app")
        #expect(
            shop.steps(since: before) == ["reload", "start beside", "reload", "stop app-2", "remove app-2"])
        #expect(shop.ids == ["app": "app-3", "db": "db-1"])
        #expect(shop.asked == ServedShop.server(8081))
        // And back to the other port.
        try await shop.fake.obeysLaw(shop.deployment("v3"))
        #expect(shop.ids == ["app": "app-4", "db": "db-1"])
        #expect(shop.asked == ServedShop.server(8080))
    }

    @Test func `the former one serves until the new one is healthy`() async throws {
        let shop = try await ServedShop.deployed()
        shop.docker.state.withLock { $0.statuses["app:v2"] = "Up 1 second (health: starting)" }
        let looks = Mutex(0)
        shop.docker.state.withLock { state in
            state.before = { [docker = shop.docker] command in
                guard command.arguments.first == "ps", docker.containers["app#2"] != nil else { return }
                let number = looks.withLock { looks in
                    looks += 1
                    return looks
                }
                if number < 5 {
                    #expect(docker.containers["app"]?.state == "running")
                    #expect(shop.asked == ServedShop.server(8080))
                }
                if number == 5 {
                    docker.state.withLock { $0.containers["app#2"]?.status = "Up 9 seconds (healthy)" }
                }
            }
        }
        try await shop.fake.obeysLaw(shop.deployment("v2"))
        #expect(looks.withLock { $0 } > 5)
        #expect(shop.ids["app"] == "app-3")
    }

    /// Docker has given it the other port when it started it at boot.
    @Test func `nginx is told of the port that the former one has now`() async throws {
        let shop = try await ServedShop.deployed()
        shop.docker.state.withLock { $0.containers["app"]?.chosenPort = 8081 }
        let asked = Mutex<[String?]>([])
        shop.when("--scale") { asked.withLock { $0.append(shop.asked) } }
        try await shop.fake.obeysLaw(shop.deployment("v2"))
        #expect(asked.withLock { $0 } == [ServedShop.server(8081)])
        #expect(shop.asked == ServedShop.server(8080))
    }

    @Test func `what nginx refuses to ask stands in no file`() async throws {
        let shop = try await ServedShop.deployed(), stack = shop.stack("v1")
        let ports = try #require(ContainerPorts(of: stack.containers[0], in: stack))
        shop.nginx.refuseReloads("2026/11/21 10:00:01 [emerg] 100#100: still could not bind()\n")
        await #expect(throws: Failure.self) { try await ports.ask(8081, on: shop.fake.machine) }
        #expect(shop.asked == ServedShop.server(8080))
    }

    @Test func `the former one is stopped when its connections have ended`() async throws {
        var shop = try await ServedShop.deployed()
        shop.drainTimeout = .seconds(30)
        let fake = shop.fake
        var stack = shop.stack("v2")
        let start = ContinuousClock.now, looks = Mutex(0)
        stack.timing.now = { [nginx = shop.nginx] in
            let number = looks.withLock { looks in
                if nginx.generation == 3 { looks += 1 }
                return looks
            }
            // The workers of before end while they are waited for.
            if number == 8 {
                for worker in [110, 111, 112, 130, 131, 132] { try? fake.files.remove("/proc/\(worker)/stat") }
            }
            return start + .seconds(number)
        }
        let left = Mutex<[Bool]>([])
        shop.when("stop") { left.withLock { $0.append(fake.files["/proc/112/stat"] != nil) } }
        try await fake.obeysLaw(StackDeployment(stack: stack))
        #expect(left.withLock { $0 } == [false])
        // Not for as long as they may take.
        #expect(looks.withLock { $0 } < 30)
    }

    @Test func `a change of the description starts beside too`() async throws {
        let shop = try await ServedShop.deployed(), before = shop.fake.commands.log.count
        let change = try await shop.fake.obeysLaw(shop.deployment("v1", [Environment("WORKERS", text: "8")]))
        #expect(change.reason == "the compose file changes; start beside the former one: app")
        #expect(shop.steps(since: before).contains("start beside"))
        #expect(shop.ids == ["app": "app-3", "db": "db-1"])
    }

    /// Only compose knows whether it is another one.
    @Test func `a container of a former Propel is left to compose`() async throws {
        let shop = try await ServedShop.deployed(), stack = shop.stack("v1")
        var record = try StackRecord(of: stack, on: shop.fake.machine)
        record.containers["app"]?.description = nil
        try record.write(of: stack, on: shop.fake.machine)
        let before = shop.fake.commands.log.count
        let check = try await shop.fake.check(shop.deployment("v1"))
        #expect(check == .satisfied)
        try await shop.fake.obeysLaw(shop.deployment("v1", [Environment("WORKERS", text: "8")]))
        #expect(shop.steps(since: before) == [])
        #expect(shop.ids == ["app": "app-3", "db": "db-1"])
        try await shop.fake.obeysLaw(shop.deployment("v1", [Environment("WORKERS", text: "9")]))
        #expect(shop.steps(since: before).contains("start beside"))
    }

    @Test func `a changed secret in a variable starts beside too`() async throws {
        let shop = ServedShop(), password = Environment("PASSWORD", "\(Secret("password"))")
        try await shop.fake.run(password: "one").converge(shop.deployment("v1", [password]))
        try await shop.addSite()
        let before = shop.fake.commands.log.count
        let change = try await shop.fake.run(password: "two", version: "2").obeysLaw(shop.deployment("v1", [password]))
        #expect(change.reason.hasSuffix("; start beside the former one: app"))
        #expect(shop.steps(since: before).contains("start beside"))
    }

    // MARK: - Failures

    @Test func `a version that is unhealthy gets no request`() async throws {
        let shop = try await ServedShop.deployed(), before = shop.fake.commands.log.count, ids = shop.ids
        let failure = await #expect(throws: Failure.self) {
            try await shop.deployment("sick").apply(on: shop.fake.machine)
        }
        #expect(failure?.isRolledBack == true, "\(String(describing: failure))")
        #expect(failure?.output == ["it starts", "it is sick"])
        #expect(shop.steps(since: before) == ["reload", "start beside", "reload", "stop app-3", "remove app-3"])
        #expect(shop.ids == ids)
        #expect(shop.asked == ServedShop.server(8080))
        #expect(shop.fake.files.text(at: "/var/lib/propel/stacks/shop.failed.log") != nil)
        let after = try await shop.fake.check(shop.deployment("v1"))
        #expect(after == .satisfied)
    }

    /// It is asked through nginx.
    @Test func `the former one gets the requests again if an expectation does not hold`() async throws {
        let shop = try await ServedShop.deployed(), ids = shop.ids
        shop.fake.dialer.server("127.0.0.1:80") { _ in
            "HTTP/1.1 \(shop.asked == ServedShop.server(8080) ? 200 : 500) X\r\n\r\n"
        }
        let expected = shop.stack(
            "v2", others: [Expect("the page answers", .http("http://127.0.0.1/"), within: .zero)])
        let failure = await #expect(throws: Failure.self) {
            try await StackDeployment(stack: expected).apply(on: shop.fake.machine)
        }
        #expect(failure?.isRolledBack == true, "\(String(describing: failure))")
        #expect(failure?.message.hasPrefix("expected of shop: the page answers; ") == true)
        #expect(shop.ids == ids)
        #expect(shop.asked == ServedShop.server(8080))
    }

    @Test func `an nginx that refuses to reload keeps the former one`() async throws {
        let shop = try await ServedShop.deployed(), ids = shop.ids
        shop.when("--scale") {
            shop.nginx.refuseReloads(
                "2026/11/21 10:00:01 [emerg] 100#100: bind() to 10.9.9.9:80 failed (99: Cannot assign requested "
                    + "address)\n")
        }
        let failure = await #expect(throws: Failure.self) {
            try await shop.deployment("v2").apply(on: shop.fake.machine)
        }
        #expect(failure?.isRolledBack == true, "\(String(describing: failure))")
        #expect(failure?.message.hasPrefix("nginx refuses its new configuration") == true)
        #expect(shop.ids == ids)
        #expect(shop.asked == ServedShop.server(8080))
    }

    @Test func `without a running nginx it takes over anyway`() async throws {
        let shop = try await ServedShop.deployed()
        shop.nginx.stop()
        try await shop.fake.obeysLaw(shop.deployment("v2"))
        #expect(shop.ids == ["app": "app-3", "db": "db-1"])
        #expect(shop.asked == ServedShop.server(8081))
    }

    /// A run was killed while there were two.
    @Test func `of two that a killed run has left the deployed one stays`() async throws {
        let shop = try await ServedShop.deployed(), ids = shop.ids, before = shop.fake.commands.log.count
        shop.docker.state.withLock { state in
            guard var other = state.containers["app"] else { return }
            other.id = "app-9"
            other.chosenPort = 8081
            state.containers["app#2"] = other
        }
        let change = try await shop.fake.obeysLaw(shop.deployment("v1"))
        #expect(change.reason == "app runs 2 times")
        #expect(shop.steps(since: before) == ["reload", "stop app-9", "remove app-9"])
        #expect(shop.ids == ids)
    }

    /// The containers that may stay, the best first: whether the last healthy version made it, its state and status.
    private static let preference = [
        (true, "running", "Up 5 minutes (healthy)"), (true, "running", "Up 5 minutes (unhealthy)"),
        (false, "running", "Up 5 minutes (healthy)"), (false, "running", "Up 5 minutes (unhealthy)"),
        (true, "exited", "Exited (0) 1 minute ago"), (false, "exited", "Exited (0) 1 minute ago"),
    ]

    @Test func `of two containers the running one stays, rather that of the last healthy version`() throws {
        let empty = try StackRecord(of: ServedShop().stack("v1"), on: FakeMachine().machine)
        for (better, good) in Self.preference.enumerated() {
            for (worse, other) in Self.preference.enumerated().dropFirst(better + 1) {
                var record = empty
                let lines = [("good", good), ("other", other)].map { id, one in
                    if one.0 { record.containers[id] = StackRecord.Made(id: id, secretFiles: "") }
                    return "\(id)\tapp\tapp:v1\t\(one.1)\t\(one.2)\n"
                }
                for listed in [lines, lines.reversed()] {
                    let kept = try StackContainers(listed.joined()).kept("app", of: record)
                    #expect(kept?.id == "good", "\(better) and \(worse)")
                }
            }
        }
    }

    @Test(arguments: Fault.allCases, ["v2", "sick"])
    func `a handover is finished or undone by the next run`(_ fault: Fault, _ tag: String) async throws {
        try await atEveryOperation(of: { try await ServedShop.deployed() }, \.fake, fault) { shop in
            try await shop.deployment(tag).apply(on: shop.fake.machine)
        } judge: { shop in
            shop.fake.pass(.seconds(60))
            let good = tag == "sick" ? "v1" : "v2"
            if tag == "sick" {
                do {
                    try await shop.deployment("sick").apply(on: shop.fake.machine)
                    throw LawBroken("the sick version counts as healthy")
                } catch let failure as Failure {
                    try hold(failure.isRolledBack, "it is not rolled back: \(failure)")
                }
                try hold(
                    try await shop.fake.check(shop.deployment("v1")) == .satisfied, "the former version is not there")
            } else {
                try await shop.fake.converge(shop.deployment("v2"))
            }
            let containers = shop.docker.containers
            try hold(
                containers.mapValues(\.image) == ["app": "app:\(good)", "db": "db:1"], "there are \(containers)")
            let port = Int(containers["app"]?.chosenPort ?? 0)
            try hold(shop.asked == ServedShop.server(port), "nginx asks \(shop.asked ?? "nobody"), not \(port)")
        }
    }
}
