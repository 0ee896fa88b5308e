import PropelTesting
import RecordedOperations
import Testing

@testable import Properties

/// Containers that have the network of another one, which docker remembers by its ID.
@Suite(.recorded) struct StackBorrowingTests {
    private let fake = FakeMachine()
    private let docker: FakeDocker

    init() { docker = FakeDocker(on: fake) }

    private func deployment(_ vpn: String = "1", torrent: String = "1") -> StackDeployment {
        StackDeployment(
            stack: Stack("s", healthTimeout: .hours(1)) {
                Container("torrent", image: "torrent", tag: torrent) { NetworkOf("vpn") }
                Container("vpn", image: "vpn", tag: vpn)
                Container("other", image: "other", tag: "1")
            }.polling(every: .zero))
    }

    @Test func `one is recreated with the container whose network it has`() async throws {
        try await fake.obeysLaw(deployment())
        let before = docker.containers.mapValues(\.id)
        try await fake.obeysLaw(deployment("2"))
        let after = docker.containers
        #expect(after["vpn"]?.id != before["vpn"] && after["torrent"]?.id != before["torrent"])
        #expect(after["torrent"]?.networkMode == after["vpn"].map { "container:" + $0.id })
        #expect(after["other"]?.id == before["other"])
    }

    /// A run was killed between the two, or somebody has recreated the other one by hand.
    @Test func `one whose other container no longer exists is recreated`() async throws {
        try await fake.obeysLaw(deployment())
        docker.state.withLock { $0.containers["torrent"]?.networkMode = "container:gone" }
        let check = try await fake.check(deployment())
        #expect(check == .unmet("torrent shares with a container that no longer exists"))
        try await fake.obeysLaw(deployment())
    }

    @Test func `a rollback recreates both`() async throws {
        try await fake.obeysLaw(deployment())
        docker.state.withLock { $0.statuses["vpn:sick"] = "Up 5 seconds (unhealthy)" }
        let failure = await #expect(throws: Failure.self) { try await deployment("sick").apply(on: fake.machine) }
        #expect(failure?.isRolledBack == true, "\(String(describing: failure))")
        let after = docker.containers
        #expect(after["vpn"]?.image == "vpn:1")
        #expect(after["torrent"]?.networkMode == after["vpn"].map { "container:" + $0.id })
        #expect(after["torrent"]?.state == "running")
    }
}
