import Propel
import PropelTesting
import Synchronization
import Testing

@Suite struct ProgressTests {
    /// A program with four successive outputs.
    private struct Program: CommandRunner {
        func run(_ command: Invocation) async throws -> CommandResult { .printing() }

        func run(_ command: Invocation, watching: @escaping @Sendable ([UInt8]) -> Void) async throws -> CommandResult {
            for output in ["1", "1", "-", "2"] { watching(Array(output.utf8)) }
            return .printing("3")
        }
    }

    private struct Built: Property {
        typealias Target = UnixLike
        let isDone = FilePath("/done")
        var name: String { "image" }

        func check(on machine: Machine) async throws -> Check {
            try machine.files.status(of: isDone) == nil ? .unmet("absent") : .satisfied
        }
        func apply(on machine: Machine) async throws {
            let result = try await machine.run(Invocation("docker", [])) { $0 == "-" ? nil : "step \($0)" }
            try machine.files.replace(isDone, with: result.output, mode: 0o644)
        }
    }

    @Test func `a run emits progress only when it changes`() async throws {
        let events = Mutex<[Event]>([])
        let machine = Machine(files: FakeFileSystem(), commands: Program())
        let host = Host("test", runs: Debian.self) { Built() }
        let ending = await Engine(host: host, machine: machine) { event in events.withLock { $0.append(event) } }
            .enforce()
        #expect(ending[.changed] == 1)
        #expect(
            events.withLock { $0.dropLast() } == [
                .applying(path: "image"), .progress(path: "image", words: "step 1"),
                .progress(path: "image", words: "step 2"),
            ])
    }

    @Test func `progress outside of a run is dropped`() async throws {
        let result = try await Machine(files: FakeFileSystem(), commands: Program()).run(Invocation("docker", [])) {
            _ in
            Issue.record("was asked")
            return nil
        }
        #expect(result == .printing())
    }
}
