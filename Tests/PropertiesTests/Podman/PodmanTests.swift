import PropelTesting
import RecordedOperations
import Synchronization
import Testing

@testable import Properties

/// A podman with images, networks and secrets.
final class FakePodman: Sendable {
    struct State {
        var images: [String] = []
        /// The descriptions of networks by their names.
        var networks: [String: String] = ["podman": #"{"name": "podman", "driver": "bridge"}"#]
        /// The IDs of secrets by their names, and what they were made of.
        var secrets: [String: String] = [:]
        var contents: [String: String] = [:]
        var created = 0
    }

    let state = Mutex(State())

    init(on fake: FakeMachine) {
        fake.files.put("/usr/bin/podman", "", mode: 0o755)
        fake.commands.program("podman") { [self] command in
            state.withLock { Self.answer(command, &$0) }
        }
    }

    private static func answer(_ command: Invocation, _ state: inout State) -> CommandResult {
        let words = command.arguments, id = words.last ?? ""
        switch words.prefix(2).joined(separator: " ") {
        case "pull --quiet":
            state.images.append(PodmanImages.full(id))
        case "image ls":
            let images = state.images.map { "{\"Names\": [\"\($0)\"], \"RepoDigests\": [\"\($0)\"]}" }
            return .printing("[\(images.joined(separator: ", "))]\n")
        case "image rm":
            state.images.removeAll { $0 == PodmanImages.full(id) }
        case "network ls":
            return .printing("[\(state.networks.sorted { $0.key < $1.key }.map(\.value).joined(separator: ", "))]\n")
        case "network create":
            state.networks[id] = "{\"name\": \"\(id)\", \"driver\": \"bridge\"}"
        case "network rm":
            state.networks[id] = nil
        case "secret ls":
            return .printing(state.secrets.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)\n" }.joined())
        case "secret create":
            guard state.secrets[words[2]] == nil else { return .failing(125, "Error: secret name in use\n") }
            // As the real one: its input is no pipe.
            guard words[3] != "-" else {
                return .failing(125, "Error: if `-` is used, data must be passed into stdin\n")
            }
            state.created += 1
            state.secrets[words[2]] = "id\(state.created)"
            state.contents[words[2]] = String(decoding: command.input, as: UTF8.self)
        case "secret rm":
            state.secrets[id] = nil
        default: return .failing(125, "Error: unknown command\n")
        }
        return .printing()
    }
}

@Suite(.recorded) struct PodmanTests {
    private let fake = FakeMachine()
    private let podman: FakePodman

    init() {
        podman = FakePodman(on: fake)
    }

    @Test func `an image is pulled once, and removed`() async throws {
        let image = Podman.Image("docker.io/nginx")
        #expect(try await fake.obeysLaw(image).reason == "pull it")
        #expect(podman.state.withLock { $0.images } == ["docker.io/library/nginx:latest"])
        #expect(fake.commands.log.count { $0.hasPrefix("podman pull") } == 1)
        #expect(try await fake.check(Podman.Image("docker.io/library/nginx:1.27")) != .satisfied)
        #expect(try await fake.obeysLaw(Podman.Absent(.image("docker.io/nginx"))).reason == "remove it")
        #expect(podman.state.withLock { $0.images }.isEmpty)
    }

    @Test(arguments: [
        ("docker.io/nginx", "docker.io/library/nginx:latest"), ("ghcr.io/a/b:1", "ghcr.io/a/b:1"),
        ("localhost:5000/a", "localhost:5000/a:latest"),
        ("docker.io/nginx:1@sha256:ab", "docker.io/library/nginx@sha256:ab"),
    ]) func `an image has the name that podman gives it`(_ name: String, _ full: String) {
        #expect(PodmanImages.full(name) == full)
    }

    @Test(arguments: ["nginx", "library/nginx", "docker.io/", "docker.io/a b", "-x.io/a", ""])
    func `an image without its registry is a problem`(_ name: String) {
        #expect(Podman.Image(name).problems.count == 1)
        #expect(Podman.Absent(.image(name)).problems.count == 1)
    }

    @Test func `a network is created with its settings, and removed`() async throws {
        #expect(try await fake.obeysLaw(Podman.Network("front")).reason == "create it")
        #expect(fake.commands.log.contains("podman network create front"))
        let lan = Podman.Network(
            "lan", driver: .macvlan(parent: "eth0"), subnets: [Subnet("192.0.2.0/24", gateway: "192.0.2.1")])
        let settings = "--driver macvlan --subnet 192.0.2.0/24 --gateway 192.0.2.1 --opt parent=eth0"
        #expect(try await fake.check(lan).reason == "create it with \(settings)")
        try await fake.obeysLaw(Podman.Absent(.network("front")))
        #expect(podman.state.withLock { $0.networks.keys.sorted() } == ["podman"])
    }

    @Test func `settings that podman has are kept, and others are a failure`() async throws {
        podman.state.withLock {
            $0.networks["lan"] = """
                {"name": "lan", "driver": "macvlan", "network_interface": "eth0", "internal": false,
                "ipv6_enabled": false, "subnets": [{"subnet": "192.0.2.0/24", "gateway": "192.0.2.1"}]}
                """
        }
        let subnet = Subnet("192.0.2.0/24", gateway: "192.0.2.1")
        let lan = Podman.Network("lan", driver: .macvlan(parent: "eth0"), subnets: [subnet])
        #expect(try await fake.check(lan) == .satisfied)
        #expect(try await fake.check(Podman.Network("lan")) == .satisfied)
        let others = [
            Podman.Network("lan", isInternal: true), Podman.Network("lan", driver: .macvlan(parent: "eth1")),
            Podman.Network("lan", driver: .macvlan(parent: "eth0"), subnets: ["198.51.100.0/24"]),
            Podman.Network("lan", driver: .macvlan(parent: "eth0"), ipv6: true),
            Podman.Network("lan", driver: .macvlan(parent: "eth0"), options: ["mtu": "1400"]),
        ]
        for other in others { await #expect(throws: Failure.self) { try await fake.check(other) } }
        podman.state.withLock {
            $0.networks["open"] = #"{"name": "open", "driver": "bridge", "internal": false, "ipv6_enabled": false}"#
        }
        // It leads outside, and that alone is otherwise.
        let isolated = Podman.Network("open", isInternal: true)
        let failure = await #expect(throws: Failure.self) { try await fake.check(isolated) }
        #expect(failure?.message.contains("internal false, and not true") == true, "\(failure?.message ?? "")")
    }

    @Test(arguments: ["", "-a", "a b", "host", "podman"]) func `an invalid network is a problem`(_ name: String) {
        #expect(Podman.Network(name).problems.count == 1)
        #expect(Podman.Absent(.network(name)).problems.count == 1)
        #expect(Podman.Network("a", subnets: [Subnet("10.0.0.0/8", reserved: ["x": "10.0.0.9"])]).problems.count == 1)
        #expect(Podman.Network("a", options: ["": "x"]).problems.count == 1)
    }

    @Test func `a secret is made on standard input, and again when it changes`() async throws {
        func run(_ version: String) -> FakeMachine {
            fake.run(
                with: Secrets(versions: ["db": version]) { _ in
                    ["db": try SecretBytes(copying: Array("pencil\(version)".utf8))]
                })
        }
        let secret = Podman.Secret("db-password", Secret("db"))
        #expect(try await run("1").obeysLaw(secret).reason == "create it")
        #expect(podman.state.withLock { $0.contents } == ["db-password": "pencil1"])
        #expect(!fake.commands.log.contains { $0.contains("pencil") })
        #expect(try await run("1").check(secret) == .satisfied)
        #expect(try await run("2").obeysLaw(secret).reason == "replace it with the secret db")
        #expect(podman.state.withLock { $0.contents } == ["db-password": "pencil2"])
        // Somebody has made another one.
        podman.state.withLock { $0.secrets["db-password"] = "other" }
        #expect(try await run("2").obeysLaw(secret).reason == "replace another one")
        #expect(Podman.Secret("a b", Secret("db")).problems.count == 1)
        try await fake.obeysLaw(Podman.Absent(.secret("db-password")))
    }

    @Test func `a secret whose next value does not arrive stays as it is`() async throws {
        let secret = Podman.Secret("db-password", Secret("db"))
        let first = Secrets(versions: ["db": "1"]) { _ in ["db": try SecretBytes(copying: Array("pencil".utf8))] }
        try await fake.run(with: first).obeysLaw(secret)
        let missing = fake.run(with: Secrets(versions: ["db": "2"]) { _ in throw Failure("no key") })
        await #expect(throws: Failure.self) { try await secret.apply(on: missing.machine) }
        #expect(podman.state.withLock { $0.secrets } == ["db-password": "id1"])
    }

    @Test func `without podman nothing can be told, and all is absent`() async throws {
        try fake.files.remove("/usr/bin/podman")
        #expect(try await fake.check(Podman.Image("ghcr.io/a/b")) == .unknown(until: "podman is installed"))
        #expect(try await fake.check(Podman.Network("a")) == .unknown(until: "podman is installed"))
        #expect(try await fake.check(Podman.Absent(.network("a"))) == .satisfied && fake.commands.log.isEmpty)
    }

    @Test func `what is present and absent is a conflict`() {
        let host = Host("x", runs: Debian.self) {
            Podman.Network("web")
            Podman.Absent(.network("web"))
            Podman.Image("docker.io/nginx")
            Podman.Absent(.image("docker.io/library/nginx:latest"))
        }
        #expect(host.conflicts.count == 2)
    }
}
