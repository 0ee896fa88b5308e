import PropelTesting
import Properties
import Synchronization
import Testing

@Suite struct GitCheckoutTests {
    private let fake = FakeMachine()
    private let state = Repository()
    private static let url = "https://example.com/app.git"
    private static let commit = String(repeating: "a", count: 40)

    /// What git answers.
    private final class Repository: Sendable {
        let head = Mutex("")
        let remote = Mutex(GitCheckoutTests.commit)
        let changes = Mutex("")
    }

    init() {
        fake.files.put(directory: "/srv")
        fake.commands.program("git") { [fake, state] command in
            let words = Array(command.arguments.dropFirst(2).drop { $0 == "-c" || $0.hasPrefix("core.") })
            switch words.first {
            case "init":
                fake.files.put(directory: "/srv/app/.git")
                return .printing()
            case "remote": return .printing(words[1] == "get-url" ? Self.url + "\n" : "")
            case "rev-parse" where words.last == "HEAD": return .printing(state.head.withLock { $0 } + "\n")
            case "rev-parse": return .failing(1)
            case "ls-remote": return .printing(state.remote.withLock { $0 } + "\trefs/heads/main\n")
            case "status": return .printing(state.changes.withLock { $0 })
            case "checkout":
                let remote = state.remote.withLock { $0 }
                state.head.withLock { $0 = remote }
                return .printing()
            case "fetch": return .printing()
            default: return .failing(1, "unknown: \(words)")
            }
        }
    }

    private func checkout(_ reference: GitCheckout.Reference) -> GitCheckout {
        GitCheckout(Self.url, to: "/srv/app", at: reference)
    }

    @Test func `a branch is cloned, and follows its remote`() async throws {
        #expect(try await fake.obeysLaw(checkout(.branch("main"))).reason == "clone \(Self.url), branch main")
        let newer = String(repeating: "b", count: 40)
        state.remote.withLock { $0 = newer }
        #expect(try await fake.obeysLaw(checkout(.branch("main"))).reason == "aaaaaaaaaaaa → bbbbbbbbbbbb")
    }

    @Test func `a commit is looked at on the machine alone`() async throws {
        try await fake.obeysLaw(checkout(.commit(Self.commit)))
        let count = fake.commands.log.count
        #expect(try await fake.check(checkout(.commit(Self.commit))) == .satisfied)
        #expect(!fake.commands.log.dropFirst(count).contains { $0.contains("ls-remote") || $0.contains("fetch") })
    }

    @Test func `local changes are refused`() async throws {
        try await fake.obeysLaw(checkout(.branch("main")))
        state.remote.withLock { $0 = String(repeating: "b", count: 40) }
        state.changes.withLock { $0 = " M app.py\n" }
        let failure = await #expect(throws: Failure.self) {
            try await checkout(.branch("main")).apply(on: fake.machine)
        }
        #expect(failure?.message == "/srv/app has local changes" && failure?.output == [" M app.py"])
    }

    @Test func `a directory of somebody else is refused`() async throws {
        fake.files.put("/srv/app/data", "x")
        await #expect(throws: Failure.self) { try await fake.check(checkout(.branch("main"))) }
    }

    @Test func `invalid references and a key without host keys are problems`() {
        #expect(checkout(.commit("abc")).problems.count == 1)
        #expect(checkout(.branch("-x")).problems.count == 1)
        #expect(
            GitCheckout("git@x:y", to: "/srv/app", at: .branch("main"), deployKey: Secret("key")).problems.count == 1)
    }
}
