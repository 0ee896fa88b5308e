import PropelTesting
import RecordedOperations
import Synchronization
import Testing

@testable import Properties

@Suite(.recorded) struct ImagePullTests {
    let fake = FakeMachine()

    @Test(arguments: [
        ("nginx:1", "registry-1.docker.io"), ("team/app:1", "registry-1.docker.io"), ("ghcr.io/team/app:1", "ghcr.io"),
        ("localhost/app:1", "localhost"), ("registry:5000/app@sha256:0", "registry:5000"),
    ])
    func `knows the registry of an image`(_ image: String, _ registry: String) {
        #expect(ImagePull(image: image).registry == registry)
    }

    @Test func `images of a registry that cannot be reached give up together`() async throws {
        let asked = Mutex<[String]>([])
        fake.commands.program("docker") { command in
            let image = command.arguments.last ?? ""
            asked.withLock { $0.append(image) }
            return image.hasPrefix("down.test")
                ? .failing(1, "dial tcp: lookup down.test: no such host\n") : .printing()
        }
        func pull(_ image: String) -> ImagePull { ImagePull(image: image, pauses: [.zero, .zero]) }
        await #expect(throws: Failure.self) { try await pull("down.test/a:1").apply(on: fake.machine) }
        #expect(asked.withLock { $0.count } == 3)
        fake.machine.forgetFacts()
        let failure = await #expect(throws: Failure.self) { try await pull("down.test/b:1").apply(on: fake.machine) }
        #expect(asked.withLock { $0.count } == 4)
        #expect(failure?.advice?.contains("can reach down.test") == true)
        try await pull("up.test/c:1").apply(on: fake.machine)
    }

    @Test func `images are pulled together, and one that fails does not stop the others`() async throws {
        let asked = Mutex<Set<String>>([])
        fake.commands.program("docker") { command in
            let image = command.arguments.last ?? ""
            _ = asked.withLock { $0.insert(image) }
            return image == "b:1" ? .failing(1, "manifest unknown\n") : .printing()
        }
        let others: [any Batchable] = ["b:1", "c:1", "d:1", "e:1"].map { Docker.Image(pulled: $0) }
        try await Docker.Image(pulled: "a:1").apply(with: others, on: fake.machine)
        #expect(asked.withLock { $0 } == ["a:1", "b:1", "c:1", "d:1", "e:1"])
        await #expect(throws: Failure.self) {
            try await Docker.Image(pulled: "b:1").apply(with: [Docker.Image(pulled: "a:1")], on: fake.machine)
        }
    }

    @Test func `images of other origins are separate batches`() {
        let images = [
            Docker.Image(pulled: "a"), Docker.Image("b", loadedFrom: "/b.tar"), Docker.Image("c", builtFrom: "/c"),
        ]
        #expect(Set(images.map(\.batch)).count == 3)
        #expect(Docker.Image(pulled: "a").batch == Docker.Image(pulled: "d").batch)
    }
}
