import PropelTesting
import Synchronization
import Testing

@testable import Properties

/// A container that traefik finds by its labels starts beside the one that it replaces.
@Suite struct TraefikTests {
    @Test func `a new version starts beside the former one, which is drained and goes last`() async throws {
        let shop = try await TraefikShop.deployed(), before = shop.fake.commands.log.count
        let atStop = Mutex<[String?]>([])
        shop.docker.state.withLock { state in
            state.before = { [docker = shop.docker] command in
                guard command.arguments.first == "stop" else { return }
                atStop.withLock { $0.append(docker.containers["page"]?.status) }
            }
        }
        let change = try await shop.fake.obeysLaw(shop.deployment("v2"))
        #expect(change.reason == "the compose file changes; page: page:v1 → page:v2; start beside the former one: page")
        #expect(shop.steps(since: before) == ["start beside", "drain page-1", "stop page-1", "remove page-1"])
        // traefik has left it out when it is stopped.
        #expect(atStop.withLock { $0 } == ["Up 1 minute (unhealthy)"])
        #expect(shop.images == ["page-2": "page:v2"])
        // And again.
        try await shop.fake.obeysLaw(shop.deployment("v3"))
        #expect(shop.images == ["page-3": "page:v3"])
    }

    /// Whether it changes is not known without the secret, and traefik takes no two kinds.
    @Test func `one with a secret in a label for traefik is stopped first`() async throws {
        let label = Label("traefik.http.middlewares.a.basicauth.users", "anna:\(Secret("wiki"))")
        let secrets = Secrets(versions: ["wiki": "1"]) { names in
            try Dictionary(uniqueKeysWithValues: names.map { ($0, try SecretBytes(copying: "$2y$05$x".utf8)) })
        }
        let shop = TraefikShop(), fake = shop.fake.run(with: secrets)
        try await fake.machine.secrets.fetch([Secret("wiki")])
        try await fake.converge(shop.deployment("v1", [ServedByTraefik(), label]))
        let check = try await fake.check(shop.deployment("v2", [ServedByTraefik(), label]))
        guard case .unmet(let change) = check else {
            Issue.record("\(check)")
            return
        }
        #expect(change.reason.hasSuffix("; stop first: page (a label for traefik has a secret)"), "\(change.reason)")
    }

    @Test func `requests get the time that was asked for`() async throws {
        func looks(_ timeout: Duration) async throws -> Int {
            let shop = try await TraefikShop.deployed([ServedByTraefik(drainTimeout: timeout)])
            let count = Mutex(0)
            var stack = shop.stack("v2", [ServedByTraefik(drainTimeout: timeout)])
            let now = stack.timing.now
            stack.timing.now = {
                count.withLock { $0 += 1 }
                return now()
            }
            try await shop.fake.obeysLaw(StackDeployment(stack: stack))
            return count.withLock { $0 }
        }
        let short = try await looks(.seconds(10)), long = try await looks(.seconds(70))
        #expect(long - short >= 55)
    }

    @Test func `the former one serves on if the new one is sick`() async throws {
        let shop = try await TraefikShop.deployed(), before = shop.fake.commands.log.count
        let failure = await #expect(throws: Failure.self) {
            try await shop.deployment("sick").apply(on: shop.fake.machine)
        }
        #expect(failure?.isRolledBack == true, "\(String(describing: failure))")
        #expect(shop.images == ["page-1": "page:v1"])
        #expect(!shop.steps(since: before).contains { $0.hasPrefix("drain") || $0.contains("stop page-1") })
    }

    /// The image has no shell where it should, or the file system of its memory is full.
    @Test func `one that cannot be drained goes nevertheless`() async throws {
        let shop = try await TraefikShop.deployed()
        shop.docker.state.withLock { $0.programs[":"] = nil }
        try await shop.fake.obeysLaw(shop.deployment("v2"))
        #expect(shop.images == ["page-2": "page:v2"])
    }

    /// A run was killed while the former one was drained.
    @Test func `the one that stays gets requests again before the other goes`() async throws {
        let shop = try await TraefikShop.deployed(), before = shop.fake.commands.log.count
        shop.docker.state.withLock { state in
            guard var other = state.containers["page"] else { return }
            other.id = "page-9"
            state.containers["page#2"] = other
            state.containers["page"]?.status = "Up 1 minute (unhealthy)"
        }
        try await shop.fake.obeysLaw(shop.deployment("v1"))
        #expect(shop.steps(since: before) == ["take back page-1", "drain page-9", "stop page-9", "remove page-9"])
        #expect(shop.docker.containers["page"]?.status == "Up 1 minute (healthy)")
    }

    @Test(arguments: Fault.allCases)
    func `a handover is finished by the next run`(_ fault: Fault) async throws {
        try await atEveryOperation(of: { try await TraefikShop.deployed() }, \.fake, fault) { shop in
            try await shop.deployment("v2").apply(on: shop.fake.machine)
        } judge: { shop in
            shop.fake.pass(.seconds(60))
            try await shop.fake.converge(shop.deployment("v2"))
            let all = shop.docker.containers.values
            try hold(all.map(\.image) == ["page:v2"], "there are \(all)")
            try hold(all.allSatisfy { $0.status?.contains("unhealthy") != true }, "it is left drained: \(all)")
        }
    }

    // MARK: - What is stopped first

    private func plan(_ shop: TraefikShop, _ stack: Stack) async throws -> String {
        guard case .unmet(let change) = try await shop.fake.check(StackDeployment(stack: stack)) else { return "" }
        return change.reason
    }

    @Test func `two that describe one router in different ways do not run at a time`() async throws {
        let shop = try await TraefikShop.deployed(), before = shop.fake.commands.log.count
        let stack = shop.stack(
            "v2", labels: ["traefik.enable": "true", "traefik.http.routers.page.rule": "Host(`b.example`)"])
        let plan = try await plan(shop, stack)
        #expect(plan.hasSuffix("; stop first: page (its labels for traefik change)"), "\(plan)")
        try await shop.fake.obeysLaw(StackDeployment(stack: stack))
        #expect(shop.steps(since: before) == [])
        #expect(shop.images == ["page-2": "page:v2"])
    }

    @Test func `other labels may change`() async throws {
        let shop = try await TraefikShop.deployed()
        let plan = try await plan(shop, shop.stack("v1", [ServedByTraefik(), Labels(["backup": "no"])]))
        #expect(plan.hasSuffix("; start beside the former one: page"), "\(plan)")
    }

    @Test func `one that was made without it is stopped first`() async throws {
        let shop = try await TraefikShop.deployed([])
        let plan = try await plan(shop, shop.stack("v2"))
        #expect(plan.hasSuffix("; stop first: page (the former one was made without ServedByTraefik)"), "\(plan)")
    }

    private static let obstacles: [(any ContainerPart, String)] = [
        (Volume("data", at: "/data"), "it has the volume data"),
        (Publish(8080, to: 80), "it has the port 8080/tcp of the machine"),
        (Ipc(.host), "it shares its memory"),
        (ContainerName("page"), "its name in docker is fixed"),
    ]

    @Test(arguments: obstacles)
    func `what two cannot have at a time is an obstacle`(_ part: any ContainerPart, _ reason: String) {
        let stack = TraefikShop().stack("v1", [ServedByTraefik(), part])
        #expect(stack.obstacle(to: stack.containers[0]) == reason)
    }

    // MARK: - The description

    @Test func `the health check looks for the file first`() {
        let text = TraefikShop().stack("v1").composeText
        let test = "test ! -e /dev/shm/propel.drain || exit 1; wget -q -O /dev/null http://127.0.0.1/"
        #expect(text.contains(test), "\(text)")
        #expect(!TraefikShop().stack("v1", []).composeText.contains("propel.drain"))
        #expect(TraefikShop().stack("v1").problems.isEmpty)
    }

    @Test func `what traefik needs is said`() {
        func problems(_ parts: [any ContainerPart]) -> [String] {
            Stack("s") { Container("a", image: "i") { parts } }.problems.map {
                $0.replacing("the stack s: the container a has ", with: "")
            }
        }
        let labels = Labels(["traefik.enable": "true"]), check = HealthCheck("true")
        #expect(problems([labels, check, ServedByTraefik()]) == [])
        #expect(
            problems([Labels(["other": "x"]), check, ServedByTraefik()]) == [
                "ServedByTraefik and no label for it: add Labels([\"traefik.enable\": \"true\", …])"
            ])
        let needsCheck =
            "ServedByTraefik and no HealthCheck with a command line, by which traefik knows when it can take requests"
        for other in [[], [HealthCheck.none], [HealthCheck(program: "/ready")]] as [[any ContainerPart]] {
            #expect(problems([labels, ServedByTraefik()] + other) == [needsCheck])
        }
        #expect(
            problems([labels, check, ServedByTraefik(), Publish(oneOf: 8080...8081, to: 80)]) == [
                "ServedByTraefik and Publish(oneOf:), which is for the nginx of the machine: keep one of the two"
            ])
        #expect(problems([labels, check, ServedByTraefik(), ServedByTraefik()]).count == 1)
        #expect(problems([labels, check, ServedByTraefik(drainTimeout: .seconds(1))]).count == 1)
    }
}
