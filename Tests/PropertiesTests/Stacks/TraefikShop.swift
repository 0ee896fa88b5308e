import PropelTesting
import Testing

@testable import Properties

/// A machine in memory with docker, and a page that a traefik finds by its labels.
struct TraefikShop: Sendable {
    let fake = FakeMachine()
    let docker: FakeDocker
    private let clock = SteppingClock()

    init() {
        docker = FakeDocker(on: fake)
        docker.state.withLock { $0.statuses["page:sick"] = "Up 5 seconds (unhealthy)" }
        setProgram(":", makes: "Up 1 minute (unhealthy)")
        setProgram("rm", makes: "Up 1 minute (healthy)")
    }

    /// One whose version v1 is deployed.
    static func deployed(_ parts: [any ContainerPart] = [ServedByTraefik()]) async throws -> TraefikShop {
        let shop = TraefikShop()
        try await shop.fake.converge(shop.deployment("v1", parts))
        shop.fake.pass(.seconds(60))
        return shop
    }

    /// Has a program in the containers change the health of the one that it runs in.
    private func setProgram(_ name: String, makes status: String) {
        docker.state.withLock { state in
            state.programs[name] = { [docker] command in
                docker.state.withLock { state in
                    for (key, one) in state.containers where one.id == command.arguments[1] {
                        state.containers[key]?.status = status
                    }
                }
                return .printing()
            }
        }
    }

    static let labels: KeyValuePairs = [
        "traefik.enable": "true", "traefik.http.routers.page.rule": "Host(`a.example`)",
    ]

    func stack(
        _ tag: String, _ parts: [any ContainerPart] = [ServedByTraefik()],
        labels: KeyValuePairs<String, String> = TraefikShop.labels
    ) -> Stack {
        var stack = Stack("page", healthTimeout: .seconds(120)) {
            Container("page", image: "page", tag: tag) {
                Labels(labels)
                HealthCheck("wget -q -O /dev/null http://127.0.0.1/")
                parts
            }
        }
        stack.timing = clock.timing
        return stack
    }

    func deployment(_ tag: String, _ parts: [any ContainerPart] = [ServedByTraefik()]) -> StackDeployment {
        StackDeployment(stack: stack(tag, parts))
    }

    /// The images of the containers, by their IDs.
    var images: [String: String] {
        Dictionary(docker.containers.values.map { ($0.id, $0.image) }) { first, _ in first }
    }

    /// What was done with containers after the first `count` commands.
    func steps(since count: Int) -> [String] {
        fake.commands.log.dropFirst(count).compactMap { line in
            let words = line.split(separator: " ").map(String.init), last = words.last ?? ""
            if line.contains("--scale page=2") { return "start beside" }
            if line.hasPrefix("docker exec ") { return (line.contains("rm -f") ? "take back " : "drain ") + words[2] }
            if line.hasPrefix("docker stop ") { return "stop \(last)" }
            return line.hasPrefix("docker rm ") ? "remove \(last)" : nil
        }
    }
}
