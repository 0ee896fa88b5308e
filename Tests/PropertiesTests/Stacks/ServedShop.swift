import PropelTesting
import Testing

@testable import Properties

/// A machine in memory with docker and an nginx, which passes requests to the application of a shop, on one of two
/// ports.
struct ServedShop: Sendable {
    let nginx = FakeNginx()
    let docker: FakeDocker
    var drainTimeout: Duration = .seconds(3)
    private let clock = SteppingClock()

    var fake: FakeMachine { nginx.fake }

    init() {
        docker = FakeDocker(on: nginx.fake)
        docker.state.withLock { $0.statuses["app:sick"] = "Up 5 seconds (unhealthy)" }
    }

    /// One whose version v1 is deployed, and whose site has found it.
    static func deployed(_ parts: [any ContainerPart] = []) async throws -> ServedShop {
        let shop = ServedShop()
        try await shop.fake.converge(shop.deployment("v1", parts))
        try await shop.addSite()
        shop.fake.pass(.seconds(60))
        return shop
    }

    /// - Parameters:
    ///   - parts: further parts of the application.
    ///   - others: further parts of the stack.
    func stack(
        _ tag: String, _ parts: [any ContainerPart] = [], dataFormat: Int = 1, others: [any StackPart] = []
    ) -> Stack {
        var stack = Stack("shop", dataFormat: dataFormat, healthTimeout: .seconds(120)) {
            Container("app", image: "app", tag: tag) {
                DependsOn("db")
                Publish(oneOf: 8080...8081, to: 80, drainTimeout: drainTimeout)
                HealthCheck("true")
                parts
            }
            Container("db", image: "db", tag: "1") {
                Volume("data", at: "/data")
                HealthCheck("true")
            }
            others
        }
        stack.timing = clock.timing
        return stack
    }

    func deployment(_ tag: String, _ parts: [any ContainerPart] = []) -> StackDeployment {
        StackDeployment(stack: stack(tag, parts))
    }

    func addSite() async throws {
        let stack = stack("v1"), ports = try #require(ContainerPorts(of: stack.containers[0], in: stack))
        try await fake.converge(ContainerPortsFile(ports: ports))
    }

    /// The server that nginx asks first, as its file says.
    var asked: String? {
        fake.files.text(at: "/etc/nginx/propel/shop.app")?.split(separator: "\n").dropFirst().first.map(String.init)
    }

    static func server(_ port: Int) -> String { "server 127.0.0.1:\(port) max_fails=0;" }

    /// The IDs of the containers.
    var ids: [String: String] { docker.containers.mapValues(\.id) }

    /// What was done with containers, and with nginx, after the first `count` commands.
    func steps(since count: Int) -> [String] {
        fake.commands.log.dropFirst(count).compactMap { line in
            if line == "systemctl reload -- nginx.service" { return "reload" }
            if line.contains("--scale") { return "start beside" }
            if line.contains("--force-recreate") { return "recreate" }
            let last = line.split(separator: " ").last.map(String.init) ?? ""
            if line.hasPrefix("docker stop ") { return "stop \(last)" }
            return line.hasPrefix("docker rm ") ? "remove \(last)" : nil
        }
    }

    /// Does something as soon as a command of docker or compose is run that has this word.
    func when(_ word: String, _ body: @escaping @Sendable () -> Void) {
        docker.state.withLock { state in
            state.before = { command in
                if command.arguments.contains(word) { body() }
            }
        }
    }
}
