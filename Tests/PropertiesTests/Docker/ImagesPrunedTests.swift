import PropelTesting
import RecordedOperations
import Testing

@testable import Properties

@Suite(.recorded) struct ImagesPrunedTests {
    private let fake = FakeMachine()
    private let docker: FakeDocker
    private let pruned = Docker.ImagesPruned(olderThan: .days(30), keeping: 0)

    init() {
        docker = FakeDocker(on: fake)
        fake.pass(.days(1000))
    }

    private func time(_ days: Int) -> String {
        Timestamp(seconds: fake.machine.now.seconds - days * 86_400).iso8601
    }

    /// Adds an image that was pulled; its ID is that of its first tag.
    /// - Parameter days: its age.
    private func have(_ tags: String..., days: Int = 90, layers: [String] = []) {
        let digests = Set(tags.map { Properties.StoredImage.repository(of: $0) }).sorted().map {
            "\($0)@sha256:\(tags[0])"
        }
        add(
            FakeDocker.StoredImage(
                id: "sha256:\(tags[0])", tags: tags, digests: digests, created: time(days), layers: layers))
    }

    private func add(_ image: FakeDocker.StoredImage) { docker.state.withLock { $0.stored.append(image) } }

    private var removals: [String] { fake.commands.log.filter { $0.hasPrefix("docker image rm") } }

    // MARK: - Age and number

    @Test func `what is old and not among the newest is removed`() async throws {
        for (version, days) in [(1, 400), (2, 90), (3, 60), (4, 40), (5, 1)] { have("app:\(version)", days: days) }
        have("other:1", days: 400)
        let change = try await fake.obeysLaw(Docker.ImagesPruned(olderThan: .days(30), keeping: 2))
        #expect(change.reason == "remove app:1 (100 MiB); remove app:2 (100 MiB); remove app:3 (100 MiB)")
        #expect(docker.storedNames == ["app:4", "app:5", "other:1"])
        #expect(removals == ["docker image rm -- app:1", "docker image rm -- app:2", "docker image rm -- app:3"])
    }

    @Test func `three of each repository are kept unless another number is given`() async throws {
        for version in 1...5 { have("app:\(version)", days: 100 - version) }
        try await fake.obeysLaw(Docker.ImagesPruned(olderThan: .days(30)))
        #expect(docker.storedNames == ["app:3", "app:4", "app:5"])
    }

    /// An image of a registry was created long before it was pulled.
    @Test func `an image that was pulled lately is young`() async throws {
        have("app:1", days: 400)
        docker.state.withLock { $0.stored[0].tagged = time(29) }
        let young = try await fake.check(pruned)
        #expect(young == .satisfied)
        docker.state.withLock { $0.stored[0].tagged = time(31) }
        try await fake.obeysLaw(pruned)
        #expect(docker.storedNames.isEmpty)
    }

    @Test func `the port of a registry is no tag`() async throws {
        have("localhost:5000/app:1", days: 90)
        have("localhost:5000/app:2", days: 80)
        have("localhost:5000/web:1", days: 70)
        have("localhost:5001/app:1", days: 60)
        try await fake.obeysLaw(Docker.ImagesPruned(olderThan: .days(30), keeping: 1))
        #expect(docker.storedNames == ["localhost:5000/app:2", "localhost:5000/web:1", "localhost:5001/app:1"])
    }

    @Test func `an image goes with all of its names`() async throws {
        have("app:1", "app:latest", "mirror.example.com/app:1")
        let change = try await fake.obeysLaw(pruned)
        #expect(change.reason == "remove app:1 and app:latest and mirror.example.com/app:1 (100 MiB)")
        #expect(removals == ["docker image rm -- app:1 app:latest mirror.example.com/app:1"])
    }

    @Test func `one of the newest under any of its names stays`() async throws {
        have("app:1", "old/app:1", days: 90)
        have("app:2", days: 80)
        let found = try await fake.check(Docker.ImagesPruned(olderThan: .days(30), keeping: 1))
        #expect(found == .satisfied)
    }

    /// A newer one was pulled under the name.
    @Test func `an image without a tag is removed by its digest`() async throws {
        have("app:latest", days: 2)
        add(
            FakeDocker.StoredImage(
                id: "sha256:1", digests: ["app@sha256:0123456789abcdef"], created: time(90), size: 1))
        let change = try await fake.obeysLaw(pruned)
        #expect(change.reason == "remove app@sha256:0123456789ab (1 MiB)")
        #expect(removals == ["docker image rm -- app@sha256:0123456789abcdef"])
        #expect(docker.storedNames == ["app:latest"])
    }

    // MARK: - What stays

    private func expectNothing() async throws {
        let found = try await fake.check(pruned)
        #expect(found == .satisfied)
        try await pruned.apply(on: fake.machine)
        #expect(removals.isEmpty)
    }

    @Test(arguments: ["running", "exited", "created", "paused", "dead"])
    func `the image of a container stays`(_ state: String) async throws {
        have("app:1")
        docker.state.withLock {
            $0.containers["app"] = FakeDocker.Container(
                id: "a1", name: "app", image: "app:1", imageID: "sha256:app:1", state: state)
        }
        try await expectNothing()
    }

    /// A newer one was pulled under its name since.
    @Test func `the image of a container stays when it has lost its name`() async throws {
        add(FakeDocker.StoredImage(id: "sha256:1", digests: ["app@sha256:1"], created: time(90)))
        docker.state.withLock {
            $0.containers["app"] = FakeDocker.Container(
                id: "a1", name: "app", image: "app:1", imageID: "sha256:1", state: "exited")
        }
        try await expectNothing()
    }

    @Test func `an image that was built or loaded stays`() async throws {
        add(FakeDocker.StoredImage(id: "sha256:1", tags: ["app:1"], created: time(90)))
        add(FakeDocker.StoredImage(id: "sha256:2", created: time(90)))
        try await expectNothing()
    }

    @Test func `an image of unknown age stays`() async throws {
        add(FakeDocker.StoredImage(id: "sha256:1", tags: ["app:1"], digests: ["app@sha256:1"]))
        try await expectNothing()
    }

    @Test func `an image that a stack has tagged stays`() async throws {
        have("app:1", "propel.localhost/good:shop.app")
        have("propel.localhost.example.com/app:1")
        try await fake.obeysLaw(pruned)
        #expect(docker.storedNames == ["app:1", "propel.localhost/good:shop.app"])
    }

    @Test func `the base of an image that stays is kept`() async throws {
        have("base:1", layers: ["a", "b"])
        have("other:1", layers: ["a", "c"])
        add(FakeDocker.StoredImage(id: "sha256:1", tags: ["app:1"], created: time(90), layers: ["a", "b", "c"]))
        try await fake.obeysLaw(pruned)
        #expect(docker.storedNames == ["app:1", "base:1"])
    }

    @Test func `images that the host declares stay`() async throws {
        let host = Host("test", runs: Debian.self) {
            Docker.ImagesPruned(olderThan: .days(30), keeping: 0)
            Docker.Image(pulled: "tool:1")
            Docker.Image(pulled: "missing:1")
            Stack("shop") { Container("app", image: "app", tag: "2") }
        }
        for name in ["tool:1", "tool:2", "app:2", "app:3"] { have(name) }
        let property = try #require(host.steps.compactMap { $0.property as? Docker.ImagesPruned }.first)
        try await fake.obeysLaw(property)
        #expect(docker.storedNames == ["app:2", "tool:1"])
    }

    // MARK: - Stacks

    private func stack(_ tag: String, _ name: String = "shop") -> Stack {
        Stack(name, healthTimeout: .hours(1)) {
            Container("app", image: "app", tag: tag) { HealthCheck("true") }
            Container("front", image: "front", tag: "1") { HealthCheck("true") }
        }.polling(every: .zero)
    }

    private func deploy(_ tag: String) async throws {
        try await fake.obeysLaw(StackDeployment(stack: stack(tag)))
    }

    @Test func `the images of the deployed version and of the one before it stay`() async throws {
        for name in ["app:1", "app:2", "app:3", "app:4", "front:1"] { have(name) }
        for tag in ["1", "2", "3"] { try await deploy(tag) }
        // The containers are gone: only the record tells.
        docker.state.withLock { $0.containers = [:] }
        try await fake.obeysLaw(pruned)
        #expect(docker.storedNames == ["app:2", "app:3", "front:1"])
    }

    /// Another version with the same images is no reason to let the former ones go.
    @Test func `a version with the same images leaves the former ones`() async throws {
        for name in ["app:1", "app:2", "front:1"] { have(name) }
        for tag in ["1", "2"] { try await deploy(tag) }
        let other = Stack("shop", healthTimeout: .hours(1)) {
            Container("app", image: "app", tag: "2") {
                Environment("LEVEL", text: "debug")
                HealthCheck("true")
            }
            Container("front", image: "front", tag: "1") { HealthCheck("true") }
        }.polling(every: .zero)
        try await fake.obeysLaw(StackDeployment(stack: other))
        try await expectNothing()
    }

    @Test func `an image that was rolled back stays`() async throws {
        docker.bring("app:latest", "sha256:good")
        try await deploy("latest")
        docker.bring("app:latest", "sha256:sick")
        docker.state.withLock { $0.statuses["sha256:sick"] = "Up 5 seconds (unhealthy)" }
        await #expect(throws: Failure.self) {
            try await StackDeployment(stack: stack("latest")).apply(on: fake.machine)
        }
        docker.state.withLock { $0.containers = [:] }
        for id in ["good", "sick", "else"] {
            add(FakeDocker.StoredImage(id: "sha256:\(id)", digests: ["app@sha256:\(id)"], created: time(90)))
        }
        try await fake.obeysLaw(pruned)
        #expect(docker.storedNames == ["app@sha256:good", "app@sha256:sick"])
    }

    @Test func `a record that cannot be read keeps every image`() async throws {
        have("app:1")
        fake.files.put("/var/lib/propel/stacks/wiki.json", "{")
        await #expect(throws: Failure.self) { try await fake.check(pruned) }
        await #expect(throws: Failure.self) { try await pruned.apply(on: fake.machine) }
        #expect(removals.isEmpty)
    }

    /// The plan cannot know what the former version leaves.
    @Test func `nothing can be told until the stacks before it are deployed`() async throws {
        let shop = stack("2")
        let host = Host("test", runs: Debian.self) {
            shop
            Docker.ImagesPruned(olderThan: .days(30), keeping: 0)
        }
        let property = try #require(host.steps.compactMap { $0.property as? Docker.ImagesPruned }.first)
        for name in ["app:0", "app:1", "app:2", "front:1"] { have(name) }
        try await deploy("0")
        try await deploy("1")
        let before = try await fake.check(property)
        #expect(before == .unknown(until: "the stack shop is deployed"))
        try await fake.obeysLaw(StackDeployment(stack: shop))
        let change = try await fake.obeysLaw(property)
        #expect(change.reason == "remove app:0 (100 MiB)")
    }

    /// The store has digests for what was built here, too.
    @Test func `with the store of containerd the registry is asked`() async throws {
        have("app:1")
        have("built:1")
        docker.state.withLock { $0.driver = #"[["driver-type","io.containerd.snapshotter.v1"]]"# }
        docker.answer { words in
            guard words.first == "buildx" else { return nil }
            return words.contains("app@sha256:app:1")
                ? .printing("{\"digest\":\"sha256:app:1\"}\n") : .failing(1, "ERROR: not found\n")
        }
        let change = try await fake.obeysLaw(pruned)
        #expect(change.reason == "remove app:1 (100 MiB)")
        #expect(docker.storedNames == ["built:1"])
    }

    /// Between the question and the removal.
    @Test func `what a container has begun to use is refused by docker, and the others go`() async throws {
        have("app:1", days: 90)
        have("web:1", days: 80)
        docker.state.withLock {
            $0.before = { [docker] command in
                guard command.arguments.starts(with: ["image", "rm"]) else { return }
                docker.state.withLock {
                    $0.containers["app"] = FakeDocker.Container(
                        id: "a1", name: "app", image: "app:1", imageID: "sha256:app:1")
                }
            }
        }
        await #expect(throws: CommandFailure.self) { try await pruned.apply(on: fake.machine) }
        #expect(docker.state.withLock { $0.stored.map(\.id) } == ["sha256:app:1"])
        #expect(removals.allSatisfy { !$0.contains("--force") })
    }

    @Test func `a machine without an engine, or whose answer is strange`() async throws {
        docker.answer { _ in .failing(1, "Cannot connect to the Docker daemon at unix:///var/run/docker.sock.\n") }
        let missing = try await fake.check(pruned)
        #expect(missing == .unknown(until: "docker.service runs"))
        docker.answer { words in
            words.starts(with: ["image", "inspect"]) ? .printing("?\n") : .printing("sha256:1\n")
        }
        await #expect(throws: Failure.self) { try await fake.check(pruned) }
    }

    @Test func `images of which each is young cost two questions`() async throws {
        have("app:1", days: 2)
        have("app:2", "propel.localhost/good:shop.app")
        let found = try await fake.check(pruned)
        #expect(found == .satisfied && fake.commands.log.count == 2)
    }

    @Test func `two rules conflict, and numbers are not negative`() {
        #expect(pruned.problems.isEmpty && pruned.claims != Docker.ImagesPruned(olderThan: .days(31)).claims)
        #expect(Docker.ImagesPruned(olderThan: .seconds(-1), keeping: -1).problems.count == 2)
    }
}
