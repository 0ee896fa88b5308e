import PropelTesting
import Properties
import RecordedOperations
import Synchronization
import Testing

@Suite(.recorded) struct PrintedTests {
    private let fake = FakeMachine()
    private static let path: FilePath = "/etc/bash_completion.d/helm"
    private let completions = Printed(path, by: "helm completion bash", from: "/usr/local/bin/helm")

    init() {
        fake.files.put(directory: "/etc/bash_completion.d")
        fake.files.put("/usr/local/bin/helm", "1", mode: 0o755)
        fake.commands.program("bash") { [fake] _ in
            .printing("completions of \(fake.files.text(at: "/usr/local/bin/helm") ?? "")\n")
        }
    }

    private var runs: Int { fake.commands.log.count }

    @Test func `a command prints a file once, and again when its program changes`() async throws {
        #expect(
            try await fake.obeysLaw(completions).reason
                == "create with mode 0644, owner root:root, printed by helm completion bash")
        #expect(fake.files.text(at: Self.path) == "completions of 1\n")
        #expect(try await fake.check(completions) == .satisfied)
        #expect(runs == 1)
        fake.pass(.seconds(5))
        fake.files.put("/usr/local/bin/helm", "2.0", mode: 0o755)
        #expect(
            try await fake.obeysLaw(completions).reason == "print it again, since /usr/local/bin/helm changed")
        #expect(fake.files.text(at: Self.path) == "completions of 2.0\n")
    }

    @Test func `what somebody has changed is printed again`() async throws {
        try await fake.obeysLaw(completions)
        fake.pass(.seconds(5))
        fake.files.put(Self.path, "mine and more\n")
        #expect(try await fake.obeysLaw(completions).reason == "print it again, since somebody has changed it")
        fake.pass(.seconds(5))
        // The same content again, as a restore of a backup writes it.
        fake.files.put(Self.path, "completions of 1\n")
        #expect(try await fake.check(completions) == .satisfied)
        try fake.machine.files.setMode(0o600, of: Self.path)
        #expect(try await fake.check(completions).reason == "mode 0600 → 0644")
    }

    @Test func `another declaration is another file, and what was there comes back`() async throws {
        fake.files.put(Self.path, "of the package\n", mode: 0o640)
        let before = fake.files.snapshot
        #expect(
            try await fake.obeysLaw(completions).reason
                == "print it by helm completion bash; mode 0640 → 0644")
        let other = Printed(Self.path, by: "helm completion bash --no-descriptions", from: "/usr/local/bin/helm")
        #expect(
            try await fake.obeysLaw(other).reason == "print it by helm completion bash --no-descriptions")
        try await fake.obeysLaw(other.reverted())
        #expect(fake.files.snapshot == before)
    }

    @Test func `a program that is yet to come leaves it undetermined`() async throws {
        try fake.files.remove("/usr/local/bin/helm")
        #expect(try await fake.check(completions).isUnknown)
        let once = Printed(Self.path, by: "x")
        try await fake.obeysLaw(once)
    }

    @Test func `a command that fails or prints nothing writes nothing`() async throws {
        fake.commands.program("bash")
        await #expect(throws: Failure.self) { try await completions.apply(on: fake.machine) }
        fake.commands.program("bash", prints: "half", status: 1)
        await #expect(throws: CommandFailure.self) { try await completions.apply(on: fake.machine) }
        #expect(fake.files[Self.path] == nil)
    }

    @Test func `secrets go to the standard input, and the file is private`() async throws {
        let fake = fake.run(
            with: Secrets(versions: ["token": "1"]) { _ in ["token": try SecretBytes(copying: Array("canary".utf8))] })
        let seen = Mutex<[UInt8]>([])
        fake.commands.program("bash") { command in
            seen.withLock { $0 = command.input }
            return .printing("made\n")
        }
        try await fake.obeysLaw(
            Printed(Self.path, by: "app login", Command.Options(input: "\(Secret("token"))")))
        #expect(seen.withLock { $0 } == Array("canary".utf8))
        #expect(fake.files[Self.path]?.status.mode == 0o600)
        #expect(fake.commands.log == ["bash -o pipefail -ec 'app login'"])
    }

    @Test(arguments: [
        Printed("etc/x", by: "a"), Printed("/etc/x", by: " "), Printed("/etc/x", by: "a", from: "b"),
        Printed("/etc/x", by: "a", from: "/etc/x"), Printed("/etc/x", by: "a", Command.Options(exitStatuses: [])),
    ]) func `an invalid declaration is a problem`(_ property: Printed) {
        #expect(property.problems.count == 1)
    }
}
