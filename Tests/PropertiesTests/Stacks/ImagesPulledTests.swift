import PropelTesting
import RecordedOperations
import Synchronization
import Testing

@testable import Properties

/// `--pull`: what a tag means now is pulled, and the deployment takes it.
@Suite(.recorded) struct ImagesPulledTests {
    private let fake = FakeMachine()
    private let docker: FakeDocker
    private let state = Registry()

    /// What the registry has, and what was pulled.
    private final class Registry: Sendable {
        let digests = Mutex<[String: String]>([:])
        let pulled = Mutex<[String: String]>([:])
    }

    init() {
        docker = FakeDocker(on: fake)
        docker.answer { [docker, state] words in
            let image = words.last ?? ""
            switch words.first {
            case "buildx":
                guard let digest = state.digests.withLock({ $0[words[3]] }) else {
                    return .failing(1, "docker: 'buildx' is not a docker command.\n")
                }
                return .printing("{\"schemaVersion\":2,\"digest\":\"\(digest)\",\"size\":1}\n")
            case "image" where words.contains("{{json .RepoDigests}}"):
                let digest = state.pulled.withLock { $0[image] }
                return .printing(digest.map { "[\"app@\($0)\"]\n" } ?? "[]\n")
            case "pull":
                let digest = state.digests.withLock { $0[image] } ?? "sha256:unknown"
                state.pulled.withLock { $0[image] = digest }
                docker.bring(image, digest)
                return .printing()
            default: return nil
            }
        }
    }

    private let stack = Stack("shop", healthTimeout: .hours(1)) {
        Container("app", image: "app") { HealthCheck("true") }
        Container("fixed", image: "fixed@sha256:0123") { HealthCheck("true") }
        Container("own", image: "own", origin: .archive("/srv/own.tar")) { HealthCheck("true") }
    }.polling(every: .zero)

    private func pull(_ request: String = "1") -> ImagesPulled { ImagesPulled(stack: stack, request: request) }

    private func have(_ digest: String, registry: String?) {
        docker.bring("app:latest", digest)
        state.pulled.withLock { $0["app:latest"] = digest }
        state.digests.withLock { $0["app:latest"] = registry }
    }

    @Test func `the plan names the digests`() async throws {
        have("sha256:0000000000000001", registry: "sha256:0000000000000002")
        let change = try await fake.obeysLaw(pull())
        #expect(change.reason == "app: app:latest sha256:000000000000 → sha256:000000000000")
        #expect(fake.commands.log.filter { $0.hasPrefix("docker pull") } == ["docker pull -- app:latest"])
    }

    @Test func `nothing is pulled that is there`() async throws {
        have("sha256:1", registry: "sha256:1")
        #expect(try await fake.check(pull()) == .satisfied)
    }

    @Test func `a registry that tells no digest is pulled from once`() async throws {
        have("sha256:1", registry: nil)
        let change = try await fake.obeysLaw(pull())
        #expect(change.reason == "app: app:latest (the registry does not tell its digest)")
        #expect(try await fake.check(pull("2")) != .satisfied)
    }

    @Test func `a request counts once its images are pulled`() async throws {
        have("sha256:1", registry: nil)
        fake.inject(.kill, afterFirst: "docker pull")
        try? await pull().apply(on: fake.machine)
        let isDown = fake.operations.isDown
        #expect(isDown)
        fake.restart(seed: 0)
        #expect(try await fake.check(pull()) != .satisfied)
    }

    @Test func `an image that is missing is left to the deployment`() async throws {
        docker.state.withLock { _ = $0.removedImages.insert("sha256:app:latest") }
        #expect(try await fake.check(pull()) == .satisfied)
    }

    @Test func `a newer image that is sick goes back`() async throws {
        fake.files.put("/srv/own.tar", "")
        let id = String(repeating: "a", count: 64)
        docker.bring("own:latest", "sha256:\(id)")
        fake.commands.program("tar", prints: "[{\"Config\":\"\(id).json\",\"RepoTags\":[\"own:latest\"]}]")
        have("sha256:old", registry: "sha256:old")
        try await fake.obeysLaw(StackDeployment(stack: stack))
        have("sha256:old", registry: "sha256:new")
        try await fake.obeysLaw(pull())
        let change = try await fake.check(StackDeployment(stack: stack))
        #expect(change.reason == "app: new image app:latest; stop first: app (it has no Publish(oneOf:))")
        docker.state.withLock { $0.statuses["sha256:new"] = "Up 5 seconds (unhealthy)" }
        let failure = await #expect(throws: Failure.self) {
            try await StackDeployment(stack: stack).apply(on: fake.machine)
        }
        #expect(failure?.isRolledBack == true)
        #expect(docker.images["app:latest"] == "sha256:old" && docker.containers["app"]?.imageID == "sha256:old")
    }
}
