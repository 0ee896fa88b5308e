import PropelTesting
import RecordedOperations
import Testing

@testable import Properties

@Suite(.recorded) struct FoundImageTests {
    private let fake = FakeMachine()
    private let docker: FakeDocker

    init() { docker = FakeDocker(on: fake) }

    private static let question = "docker image inspect --format '{{json .Id}} {{json .Config.Labels}}' -- "

    /// The questions about images that checks of declared ones ask.
    private func questions(_ images: [String], missing: Set<String> = []) async throws -> [String] {
        for image in images {
            let id = "sha256:of-\(image)"
            docker.bring(image, id)
            if missing.contains(image) { docker.state.withLock { _ = $0.removedImages.insert(id) } }
        }
        let properties = images.map { Docker.Image(pulled: $0) }
        for property in properties { property.announce(to: fake.machine) }
        for property in properties {
            let isSatisfied = try await property.check(on: fake.machine) == .satisfied
            #expect(isSatisfied != missing.contains(property.image), "\(property.image)")
        }
        return fake.commands.log.filter { $0.hasPrefix(Self.question) }.map {
            String($0.dropFirst(Self.question.count))
        }
    }

    @Test func `one question answers for all images`() async throws {
        #expect(try await questions(["db:1", "app:1", "front:1"]) == ["app:1 db:1 front:1"])
        let known = try await FoundImage.known("db:1", on: fake.machine)
        #expect(known?.id == "sha256:of-db:1")
    }

    @Test func `where one is missing each is asked for`() async throws {
        #expect(
            try await questions(["db:1", "app:1", "front:1"], missing: ["app:1"])
                == ["app:1 db:1 front:1", "db:1", "app:1", "front:1"])
    }

    @Test func `a single image is asked for once`() async throws {
        #expect(try await questions(["db:1"]) == ["db:1"])
    }

    @Test func `a change of an image is seen after it`() async throws {
        _ = try await questions(["db:1", "app:1"])
        docker.bring("db:1", "sha256:other")
        #expect(try await FoundImage.find("db:1", on: fake.machine)?.id == "sha256:other")
        fake.machine.forgetFacts()
        #expect(try await FoundImage.known("db:1", on: fake.machine)?.id == "sha256:other")
    }

    @Test func `an answer that cannot be read is an error`() async throws {
        fake.commands.program("docker", prints: "?\n")
        await #expect(throws: Failure.self) { try await FoundImage.find("db:1", on: fake.machine) }
    }
}
