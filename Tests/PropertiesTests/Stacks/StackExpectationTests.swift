import PropelTesting
import RecordedOperations
import Synchronization
import Testing

@testable import Properties

/// What is expected of a stack decides about its deployment.
@Suite(.recorded) struct StackExpectationTests {
    let fake = FakeMachine()
    let docker: FakeDocker

    init() { docker = FakeDocker(on: fake) }

    private func stack(_ tag: String, within timeout: Duration = .zero) -> Stack {
        Stack("shop", healthTimeout: .hours(1)) {
            Container("app", image: "app", tag: tag) { HealthCheck("true") }
            Expect("the page answers", .http("http://127.0.0.1:8080/"), within: timeout)
        }
    }

    /// The page works in one version only.
    private func serve(worksWith tag: String) {
        fake.dialer.server("127.0.0.1:8080") { [docker] _ in
            let isRunning = docker.containers["app"]?.image == "app:\(tag)"
            return "HTTP/1.1 \(isRunning ? 200 : 500) X\r\n\r\n"
        }
    }

    @Test func `a version of which it holds is deployed`() async throws {
        serve(worksWith: "v1")
        try await fake.obeysLaw(deployment(stack("v1")))
        #expect(docker.containers["app"]?.image == "app:v1")
    }

    @Test func `a version of which it does not hold is rolled back`() async throws {
        serve(worksWith: "v1")
        try await fake.obeysLaw(deployment(stack("v1")))
        let failure = await #expect(throws: Failure.self) {
            try await deployment(stack("v2")).apply(on: fake.machine)
        }
        #expect(failure?.isRolledBack == true, "\(String(describing: failure))")
        #expect(
            failure?.message.hasPrefix(
                "expected of shop: the page answers; http://127.0.0.1:8080/ answers with status 500 in place of 200")
                == true, "\(String(describing: failure))")
        #expect(docker.containers["app"]?.image == "app:v1")
        #expect(try await fake.check(deployment(stack("v1"))) == .satisfied)
    }

    @Test func `it is part of the host, after the deployment`() throws {
        let stack = stack("v1")
        let host = Host("a", runs: Debian.self) { stack }
        let index = try #require(host.steps.firstIndex { $0.property is Expect })
        #expect(host.steps[index].path == "shop/the page answers")
        let requirements = host.steps[index].requirements.map { host.steps[$0].property }
        #expect(requirements.contains { $0 is StackDeployment })
    }

    @Test func `it does not change what is deployed`() {
        let plain = Stack("shop", healthTimeout: .hours(1)) {
            Container("app", image: "app", tag: "v1") { HealthCheck("true") }
        }
        #expect(plain.version == stack("v1").version)
    }
}
