import Foundation
import PropelTesting
import RecordedOperations
import Testing

@testable import Properties

/// Keys that are handed to compose as they are.
@Suite(.recorded) struct ComposeKeysTests {
    private func problems(_ keys: JSON) -> [String] {
        Stack("s") { Container("a", image: "i") { ComposeKeys(keys) } }.problems.map {
            $0.replacing("the stack s: the container a has a problem: ", with: "")
        }
    }

    /// The published schema: a key that is new in it must be decided here.
    @Test func `each key of the compose specification is accepted or refused with what to use`() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(
            path: "../../SystemTests/Stacks/compose-spec.json"
        ).standardizedFileURL
        let schema = try JSON(parsing: Array(try Data(contentsOf: file)))
        let keys = Set(try #require(schema["definitions"]?["service"]?["properties"]?.object).keys)
        let known = ComposeKeys.known.union(ComposeKeys.unknownBefore2)
        #expect(known.union(ComposeKeys.refused.keys) == keys)
        #expect(known.isDisjoint(with: ComposeKeys.refused.keys))
        for key in ComposeKeys.refused.keys {
            #expect(problems(.object([key: "x"])) == ["ComposeKeys has “\(key)”: \(ComposeKeys.refused[key] ?? "")"])
        }
    }

    @Test func `what is no key or no value is refused`() {
        #expect(
            problems(["comand": "x"]) == [
                "ComposeKeys has “comand”, which is no key of a service: see the compose specification"
            ])
        #expect(problems(["user": nil]) == ["ComposeKeys has null for “user”: leave it out"])
        #expect(problems(["sysctls": ["a": nil]]) == ["ComposeKeys has null for “sysctls”: leave it out"])
        #expect(
            problems(["user"]) == [
                "ComposeKeys are not an object: give values by the names of keys, as in [\"cpuset\": \"0-2\"]"
            ])
        #expect(problems(["ports": ["80:80"]]) == ["ComposeKeys has “ports”: use Publish"])
    }

    @Test func `a change of a key is another version`() {
        func version(_ keys: JSON) -> String {
            Stack("s") { Container("a", image: "i") { ComposeKeys(keys) } }.version
        }
        #expect(version(["cpuset": "0"]) != version(["cpuset": "1"]))
        #expect(version(["cpuset": "0", "tty": true]) == version(["tty": true, "cpuset": "0"]))
    }

    /// Such a machine has docker-compose 1.29.
    @Test func `a key that compose 1 does not know is refused where the machine has it`() async throws {
        let fake = FakeMachine(), docker = FakeDocker(on: fake)
        let stack = Stack("s") { Container("a", image: "i") { ComposeKeys(["gpus": "all"]) } }
        docker.state.withLock { $0.composeVersion = "1.29.2" }
        await #expect {
            try await fake.check(StackDeployment(stack: stack))
        } throws: { error in
            (error as? Failure)?.message
                == "the container a of s has “gpus”, which docker-compose 1.29 of this machine does not know"
        }
        let check = HealthCheck("true", startPeriod: .minutes(1), startInterval: .seconds(2))
        await #expect {
            try await fake.check(StackDeployment(stack: Stack("s") { Container("a", image: "i") { check } }))
        } throws: { error in
            (error as? Failure)?.message
                == "the container a of s has “start_interval”, which docker-compose 1.29 of this machine does not know"
        }
        docker.state.withLock { $0.composeVersion = "2.26.1" }
        if case .unmet = try await fake.check(StackDeployment(stack: stack)) {} else { Issue.record("not unmet") }
        // Nothing is asked for a stack that has no such key.
        let plain = Stack("s") { Container("a", image: "i") { ComposeKeys(["tty": true]) } }
        let before = fake.commands.log.count
        _ = try await fake.check(StackDeployment(stack: plain))
        #expect(!fake.commands.log.dropFirst(before).contains { $0.contains("version") })
    }
}
