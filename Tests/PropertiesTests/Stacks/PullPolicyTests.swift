import PropelTesting
import RecordedOperations
import Synchronization
import Testing

@testable import Properties

/// `PullPolicy(.always)`: each run asks the registry.
@Suite(.recorded) struct PullPolicyTests {
    private let fake = FakeMachine()
    private let docker: FakeDocker
    private let registry = Registry()

    /// What the registry has, and what was pulled.
    private final class Registry: Sendable {
        let newest = Mutex<String?>("sha256:1")
        let present = Mutex("sha256:1")
    }

    init() {
        docker = FakeDocker(on: fake)
        docker.bring("app:latest", "sha256:1")
        docker.answer { [docker, registry] words in
            switch words.first {
            case "buildx":
                guard let digest = registry.newest.withLock({ $0 }) else { return .failing(1, "unknown command\n") }
                return .printing("{\"digest\":\"\(digest)\"}\n")
            case "image" where words.contains("{{json .RepoDigests}}"):
                return .printing("[\"app@\(registry.present.withLock { $0 })\"]\n")
            case "pull":
                let digest = registry.newest.withLock { $0 ?? "" }
                registry.present.withLock { $0 = digest }
                docker.bring(words.last ?? "", digest)
                return .printing()
            default: return nil
            }
        }
    }

    private let stack = Stack("shop", healthTimeout: .hours(1)) {
        Container("app", image: "app") {
            PullPolicy(.always)
            HealthCheck("true")
        }
        Container("fixed", image: "fixed@sha256:0123") { PullPolicy(.always) }
        Container("other", image: "other") { PullPolicy(.missing) }
    }.polling(every: .zero)

    private var asked: Int { fake.commands.log.count { $0.hasPrefix("docker buildx") } }

    @Test func `a newer image is pulled, and the container recreated`() async throws {
        try await fake.obeysLaw(StackDeployment(stack: stack))
        #expect(try await fake.check(NewestImages(stack: stack)) == .satisfied)
        let before = docker.containers.mapValues(\.id)
        registry.newest.withLock { $0 = "sha256:2" }
        // The next run.
        let later = fake.run(with: Secrets(versions: [:]))
        let found = try await later.check(StackDeployment(stack: stack))
        #expect(
            found.reason?.hasPrefix("app: a new image app:latest comes first; stop first: app ") == true, "\(found)")
        let change = try await later.obeysLaw(NewestImages(stack: stack))
        #expect(change.reason == "app: pull the newer app:latest")
        try await later.obeysLaw(StackDeployment(stack: stack))
        let after = docker.containers.mapValues(\.id)
        #expect(after["app"] != before["app"] && after["other"] == before["other"])
    }

    @Test func `the registry is asked once a run, and for nothing else`() async throws {
        try await fake.obeysLaw(StackDeployment(stack: stack))
        let before = asked, later = fake.run(with: Secrets(versions: [:]))
        _ = try await later.check(NewestImages(stack: stack))
        _ = try await later.check(StackDeployment(stack: stack))
        #expect(asked - before == 1)
    }

    @Test func `an image stays where the registry cannot be asked`() async throws {
        registry.newest.withLock { $0 = nil }
        #expect(try await fake.check(NewestImages(stack: stack)) == .satisfied)
    }

    @Test func `only a stack that asks for it has it`() {
        let plain = Stack("plain") { Container("a", image: "a") }
        func names(_ stack: Stack) -> [String] {
            Host("x", runs: Debian.self) { stack }.steps.map(\.property.name)
        }
        #expect(names(stack).contains("newest images of shop, in each run"))
        #expect(!names(plain).contains { $0.hasPrefix("newest images") })
    }
}
