import PropelTesting
import RecordedOperations
import Testing

@testable import Properties

/// The containers that start beside their predecessors, and the reasons why others do not.
@Suite(.recorded) struct ReplacementsTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String { reason ?? "none" }
        var reason: String?
        var parts: [any ContainerPart]
        var others: [any StackPart] = []
    }

    private static let usual: [any ContainerPart] = [Publish(oneOf: 8080...8081, to: 80), HealthCheck("true")]

    static let cases: [Case] = [
        Case(reason: nil, parts: usual),
        Case(reason: nil, parts: usual + [Volume("data", at: "/data", isReadOnly: true), BindMount("/etc/hosts")]),
        Case(reason: "it has the volume data", parts: usual + [Volume("data", at: "/data")]),
        Case(reason: "it has the volume config", parts: usual + [Volume("config", at: "/config", in: "/srv/config")]),
        Case(reason: "it writes to /srv/files", parts: usual + [BindMount("/srv/files", isReadOnly: false)]),
        Case(reason: "it has the network of the machine", parts: [HostNetwork(), HealthCheck("true")]),
        Case(reason: "it has the port 8080/tcp of the machine", parts: [Publish(8080, to: 80), HealthCheck("true")]),
        Case(reason: "it has the port 9000/tcp of the machine", parts: usual + [Publish(9000)]),
        Case(reason: "it has no Publish(oneOf:)", parts: [HealthCheck("true")]),
        Case(reason: "it has no health check", parts: [Publish(oneOf: 8080...8081, to: 80)]),
        Case(reason: "its name in docker is fixed", parts: usual + [ContainerName("kuma")]),
        Case(reason: "its MAC address is fixed", parts: usual + [ComposeKeys(["mac_address": "02:42:ac:11:65:43"])]),
        Case(reason: "it has a device of the machine", parts: usual + [Devices("/dev/ttyUSB0")]),
        Case(
            reason: "it has an address in the network lan", parts: usual + [JoinsNetwork("lan", address: "192.0.2.7")],
            others: [Network("lan", subnets: ["192.0.2.0/24"])]),
        Case(
            reason: "cron reaches it by its name", parts: usual,
            others: [Container("cron", image: "cron") { DependsOn("app") }]),
        Case(
            reason: "cron reaches it by its name", parts: usual,
            others: [Container("cron", image: "cron") { Environment("URL", text: "http://app/") }]),
        Case(
            reason: "cron reaches it by its name", parts: usual + [Aliases("page")],
            others: [Container("cron", image: "cron") { Environment("URL", text: "http://page/") }]),
    ]

    @Test(arguments: cases) func `the description says whether two can run`(_ one: Case) {
        let stack = Stack("shop", networks: .shared) {
            Container("app", image: "app") { one.parts }
            one.others
        }
        #expect(stack.obstacle(to: stack.containers[0]) == one.reason)
    }

    private func plan(_ shop: ServedShop, _ stack: Stack) async throws -> String {
        guard case .unmet(let change) = try await shop.fake.check(StackDeployment(stack: stack)) else { return "" }
        return change.reason
    }

    @Test func `without a site the former one is stopped first`() async throws {
        let shop = ServedShop()
        try await shop.fake.converge(shop.deployment("v1"))
        let plan = try await plan(shop, shop.stack("v2"))
        #expect(plan.hasSuffix("; stop first: app (no site of nginx passes requests to it yet)"))
        let before = shop.fake.commands.log.count
        try await shop.fake.obeysLaw(shop.deployment("v2"))
        #expect(shop.steps(since: before) == [])
    }

    @Test func `versions with different formats of the data do not run at a time`() async throws {
        let shop = try await ServedShop.deployed()
        let plan = try await plan(shop, shop.stack("v2", dataFormat: 2))
        #expect(plan.hasSuffix("; stop first: app (the format of the data changes)"))
        let before = shop.fake.commands.log.count
        try await shop.fake.obeysLaw(StackDeployment(stack: shop.stack("v2", dataFormat: 2)))
        #expect(shop.steps(since: before) == [])
    }

    /// Compose passes it on to the container that it recreates, and to no other.
    @Test func `a volume that only the image has is not left behind`() async throws {
        let shop = try await ServedShop.deployed()
        _ = shop.docker.state.withLock { $0.containers["app"]?.volumes.insert("0123456789abcdef") }
        let plan = try await plan(shop, shop.stack("v2"))
        #expect(plan.hasSuffix("; stop first: app (it has a volume)"))
    }

    @Test func `a plan names both kinds`() async throws {
        let shop = try await ServedShop.deployed()
        var stack = shop.stack("v2")
        stack.containers[1].environment.append(Environment("LANG", text: "C"))
        let plan = try await plan(shop, stack)
        #expect(plan.hasSuffix("; start beside the former one: app; stop first: db (it has the volume data)"))
    }

    @Test func `one that does not run has no predecessor`() async throws {
        let shop = try await ServedShop.deployed()
        shop.docker.state.withLock { state in
            state.containers["app"]?.state = "exited"
            state.containers["app"]?.status = "Exited (1) 1 second ago"
        }
        let plan = try await plan(shop, shop.stack("v2"))
        #expect(plan == "the compose file changes; app: app:v1 → app:v2")
        try await shop.fake.obeysLaw(shop.deployment("v2"))
    }

    // MARK: - Ports

    @Test func `compose passes a range of ports on`() {
        let text = ServedShop().stack("v1").composeText
        #expect(text.contains("127.0.0.1:8080-8081:80"))
    }

    @Test func `all ports of a range belong to the container`() {
        let host = Host("x", runs: Debian.self) {
            Service("other", ports: [8081])
            Stack("shop") { Container("app", image: "app") { Publish(oneOf: 8080...8081, to: 80) } }
        }
        #expect(host.conflicts.map(\.subject) == ["the port 8081/tcp"])
        let stack = Stack("shop") {
            Container("app", image: "app") { Publish(oneOf: 8080...8081, to: 80) }
            Container("b", image: "b") { Publish(8081, to: 80) }
        }
        #expect(stack.problems == ["the stack shop: port 8081/tcp is published by both app and b"])
    }

    /// Docker may have given it the one that another container has from now on.
    @Test func `a port of a range that moves is freed first`() async throws {
        let fake = FakeMachine(), docker = FakeDocker(on: fake)
        func deployment(_ left: Publish, _ right: Publish?) -> StackDeployment {
            StackDeployment(stack: stack(left, right).polling(every: .zero))
        }
        func stack(_ left: Publish, _ right: Publish?) -> Stack {
            Stack("shop", healthTimeout: .hours(1)) {
                Container("left", image: "left") {
                    left
                    HealthCheck("true")
                }
                Container("right", image: "right") {
                    if let right { right }
                    HealthCheck("true")
                }
            }
        }
        try await fake.obeysLaw(deployment(Publish(oneOf: 8080...8081, to: 80), nil))
        docker.state.withLock { $0.containers["left"]?.chosenPort = 8081 }
        let before = fake.commands.log.count
        try await fake.obeysLaw(deployment(Publish(8080, to: 80), Publish(8081, to: 80)))
        #expect(
            fake.commands.log.dropFirst(before).contains { $0.hasPrefix("docker stop ") && $0.hasSuffix(" left-2") })
    }

    @Test(arguments: [UInt16(8080), 8096]) func `a range has room for a successor`(_ last: UInt16) {
        let stack = Stack("shop") { Container("app", image: "app") { Publish(oneOf: 8080...last, to: 80) } }
        #expect(
            stack.problems == [
                "the stack shop: the container app has a problem: Publish(oneOf:) needs from 2 to 16 ports: one for "
                    + "the container, and one for its successor"
            ])
    }
}
