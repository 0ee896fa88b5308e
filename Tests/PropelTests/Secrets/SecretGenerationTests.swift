import PropelTesting
import RecordedOperations
import Testing

@testable import Propel

private struct Writes: Property {
    typealias Target = UnixLike
    let name: String
    let content: Content
    var secrets: [Secret] { content.secrets }
    func check(on machine: Machine) async throws -> Check {
        let present = try machine.files.readIfPresent("/conf") ?? []
        return try content.matches(present, in: "/conf", on: machine)
            ? .satisfied : .unmet("other content", secrets: secrets)
    }
    func apply(on machine: Machine) async throws {}
}

/// Secrets that Propel generates, as the model sees them.
@Suite(.recorded) struct SecretGenerationTests {
    private func host(_ contents: Content...) -> Host {
        Host("a", runs: Debian.self) {
            for (index, content) in contents.enumerated() { Writes(name: "file \(index)", content: content) }
        }
    }

    @Test func `how a secret is generated is known from any of its uses`() {
        let host = host("\(Secret("a"))", "\(Secret("a", generate: .password(32), for: .role))", "\(Secret("b"))")
        #expect(host.secretGenerations == ["a": Secret.Generation(generator: .password(32), scope: .role)])
        #expect(host.secrets.map(\.description) == ["a", "b"])
        #expect(host.problems.isEmpty)
    }

    @Test func `secrets of one name are one`() {
        #expect(Secret("a") == Secret("a", generate: .key(.ed25519)))
        #expect(Set([Secret("a"), Secret("a", generate: .password(8)), Secret("b")]).count == 2)
    }

    @Test func `it is described by its name alone`() {
        let plain = host("x=\(Secret("a"))"), generated = host("x=\(Secret("a", generate: .password(32)))")
        #expect(plain.stepHashes == generated.stepHashes)
    }

    @Test func `two ways for one name are a problem`() {
        let host = host("\(Secret("a", generate: .password(32)))", "\(Secret("a", generate: .password(16)))")
        #expect(
            host.problems == [
                "the secret a is generated in two ways: give it the same `generate` and `for` everywhere"
            ])
        let scopes = self.host(
            "\(Secret("a", generate: .password(32)))", "\(Secret("a", generate: .password(32), for: .role))")
        #expect(scopes.problems.count == 1)
    }

    @Test(arguments: [-1, 0, 7, 4097]) func `a password has a length that is possible`(count: Int) {
        #expect(host("\(Secret("a", generate: .password(count)))").problems.count == 1)
    }

    @Test func `a plan tells that it is decided when the secret is generated`() async {
        let fake = FakeMachine().run(with: Secrets(versions: ["a": Secret.ungeneratedVersion]))
        let plan = await fake.plan(host("x=\(Secret("a", generate: .password(32)))"))
        #expect(plan["file 0"]?.status == .unknown)
        #expect(plan["file 0"]?.detail == "cannot tell until the secret a is generated")
    }
}
