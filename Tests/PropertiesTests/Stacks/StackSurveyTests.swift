import PropelTesting
import RecordedOperations
import Testing

@testable import Properties

/// The questions that a run asks docker about a stack that has not changed.
@Suite(.recorded) struct StackSurveyTests {
    private let fake = FakeMachine()
    private let docker: FakeDocker

    init() { docker = FakeDocker(on: fake) }

    private let stack = Stack("shop", healthTimeout: .hours(1)) {
        Container("db", image: "db", tag: "1") {
            Volume("data", at: "/data")
            HealthCheck("true")
        }
        Container("app", image: "app", tag: "1", origin: .archive("/srv/app.tar")) {
            DependsOn("db")
            HealthCheck("true")
        }
    }.polling(every: .zero)

    /// The properties of the stack that have to do with docker, in the order of a run.
    private var properties: [any Property] {
        Host("x", runs: Debian.self) { stack }.steps.map(\.property).filter {
            $0 is Docker.Volume || $0 is Docker.Image || $0 is BackupBeforeChange || $0 is StackDeployment
        }
    }

    @Test func `an unchanged stack asks docker each question once`() async throws {
        let id = String(repeating: "a", count: 64)
        docker.bring("app:1", "sha256:\(id)")
        docker.state.withLock { _ = $0.volumes.insert("shop_data") }
        fake.files.put("/srv/app.tar", "")
        fake.commands.program("tar", prints: "[{\"Config\":\"\(id).json\",\"RepoTags\":[\"app:1\"]}]")
        try await fake.obeysLaw(StackDeployment(stack: stack))
        fake.machine.forgetFacts()
        let before = fake.commands.log.count
        for property in properties { property.announce(to: fake.machine) }
        for property in properties {
            let check = try await property.evaluate(on: fake.machine)
            #expect(check == .satisfied, "\(property.name)")
        }
        // Two of the first and the last, for the two properties that look at it, would be one too many.
        #expect(
            fake.commands.log.dropFirst(before).filter { !$0.hasPrefix("tar ") } == [
                "docker volume ls --quiet",
                "docker image inspect --format '{{json .Id}} {{json .Config.Labels}}' -- app:1 db:1",
                StackContainers.listing(of: "shop").description,
            ])
    }
}
