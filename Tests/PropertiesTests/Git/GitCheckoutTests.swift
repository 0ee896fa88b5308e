import PropelTesting
import RecordedOperations
import Synchronization
import Testing

@testable import Properties

@Suite(.recorded) struct GitCheckoutTests {
    private let fake: FakeMachine
    private let state: Repository
    private static let url = "https://example.com/app.git"
    private static let commit = String(repeating: "a", count: 40)
    private static let newer = String(repeating: "b", count: 40)

    /// The state that git answers from.
    private final class Repository: Sendable {
        let head = Mutex("")
        let remote = Mutex(GitCheckoutTests.commit)
        let fetched = Mutex("")
        let changes = Mutex("")
        let submodules = Mutex("")
        let origin = Mutex("")
    }

    init() { (fake, state) = Self.machine() }

    private static func machine() -> (FakeMachine, Repository) {
        let fake = FakeMachine(), state = Repository()
        fake.files.put(directory: "/srv")
        fake.commands.program("git") { answer($0.arguments, fake, state) }
        fake.commands.program("runuser") { command in
            guard command.arguments[0] == "--user", command.arguments[3] == "git" else { return .failing(1) }
            return answer(Array(command.arguments.dropFirst(4)), fake, state)
        }
        fake.commands.program("chown") { command in
            let ids = command.arguments[2].split(separator: ":").compactMap { UInt32($0) }
            try fake.files.setOwner(Owner(user: ids[0], group: ids[1]), of: FilePath(command.arguments[4]))
            return .printing()
        }
        return (fake, state)
    }

    private static func answer(_ arguments: [String], _ fake: FakeMachine, _ state: Repository) -> CommandResult {
        var words = arguments[...]
        while words.first == "-C" || words.first == "-c" { words = words.dropFirst(2) }
        switch words.first {
        case "init":
            fake.files.put("/srv/app/.git/HEAD", "ref: refs/heads/main\n")
            return .printing()
        case "remote" where words.contains("get-url"):
            let origin = state.origin.withLock { $0 }
            return origin.isEmpty ? .failing(2, "error: No such remote 'origin'\n") : .printing(origin + "\n")
        case "remote":
            state.origin.withLock { $0 = words.last ?? "" }
            fake.files.put(
                "/srv/app/.git/config",
                "[core]\n\tbare = false\n[remote \"origin\"]\n\turl = \(words.last ?? "")\n\tfetch = +refs/*\n")
            return .printing()
        case "rev-parse" where words.last == "HEAD":
            let head = state.head.withLock { $0 }
            return head.isEmpty ? .failing(1) : .printing(head + "\n")
        case "rev-parse": return .failing(1)
        case "ls-remote": return .printing(state.remote.withLock { $0 } + "\trefs/heads/main\n")
        case "status": return .printing(state.changes.withLock { $0 })
        case "checkout":
            if words.contains("--force") { state.changes.withLock { $0 = "" } }
            let fetched = state.fetched.withLock { $0 }
            state.head.withLock { $0 = fetched }
            fake.files.put("/srv/app/.git/HEAD", fetched + "\n")
            return .printing()
        case "fetch":
            let remote = state.remote.withLock { $0 }
            state.fetched.withLock { $0 = remote }
            return .printing()
        case "submodule" where words.contains("status"): return .printing(state.submodules.withLock { $0 })
        case "submodule":
            state.submodules.withLock { $0 = " \(commit) lib (v1)\n" }
            return .printing()
        default: return .failing(1, "unknown: \(words)")
        }
    }

    private func checkout(
        _ reference: GitCheckout.Reference, owner: String = "root", submodules: Bool = false,
        localChanges: GitCheckout.LocalChanges = .refused
    ) -> GitCheckout {
        GitCheckout(
            Self.url, to: "/srv/app", at: reference, owner: owner, submodules: submodules, localChanges: localChanges)
    }

    @Test func `a branch is cloned, and follows its remote`() async throws {
        #expect(try await fake.obeysLaw(checkout(.branch("main"))).reason == "clone \(Self.url), branch main")
        state.remote.withLock { $0 = Self.newer }
        #expect(try await fake.obeysLaw(checkout(.branch("main"))).reason == "aaaaaaaaaaaa → bbbbbbbbbbbb")
    }

    @Test(arguments: [.commit(String(repeating: "a", count: 40)), .tag("v1")] as [GitCheckout.Reference])
    func `a commit and a tag are known without a program`(_ reference: GitCheckout.Reference) async throws {
        try await fake.obeysLaw(checkout(reference))
        let count = fake.commands.log.count
        #expect(try await fake.check(checkout(reference)) == .satisfied)
        #expect(fake.commands.log.count == count)
        // Somebody checked out something else.
        fake.files.put("/srv/app/.git/HEAD", Self.newer + "\n")
        #expect(try await fake.check(checkout(reference)).reason == "bbbbbbbbbbbb → aaaaaaaaaaaa")
        // Another tag is not the recorded one.
        #expect(try await fake.check(checkout(.tag("v2"))).reason == "bbbbbbbbbbbb → tag v2")
    }

    @Test(
        arguments: [
            ("[remote \"origin\"]\n\turl = https://x/y\n", "https://x/y"), ("", nil),
            ("[remote \"other\"]\n\turl = https://x/y\n", nil),
            ("[remote \"origin\"]\n[x]\n\turl = https://x/y\n", nil),
            ("[remote \"origin\"]\n\turl = a\n\turl = b\n", nil), ("[remote \"origin\"]\n\turl = \"a b\"\n", nil),
            ("[remote \"origin\"]\n\turl = a\n[include]\n\tpath = x\n", nil),
            ("[remote \"origin\"]\n\turl = a\n[url \"b\"]\n\tinsteadOf = a\n", nil),
        ] as [(String, String?)]) func `the address is read only where git wrote it plainly`(
            _ text: String, _ url: String?
        )
    {
        #expect(GitRepository.origin(in: text) == url)
    }

    @Test func `local changes are refused, kept or discarded`() async throws {
        try await fake.obeysLaw(checkout(.branch("main")))
        state.changes.withLock { $0 = " M app.py\n" }
        #expect(try await fake.check(checkout(.branch("main"))) == .satisfied)
        let drift = try await fake.check(checkout(.branch("main"), localChanges: .discarded))
        #expect(drift == .unmet("discard local changes, the first M app.py"))
        state.remote.withLock { $0 = Self.newer }
        let failure = await #expect(throws: Failure.self) {
            try await checkout(.branch("main")).apply(on: fake.machine)
        }
        #expect(failure?.message == "/srv/app has local changes" && failure?.output == [" M app.py"])
        try await fake.obeysLaw(checkout(.branch("main"), localChanges: .kept))
        #expect(state.changes.withLock { $0 } == " M app.py\n")
        try await fake.obeysLaw(checkout(.branch("main"), localChanges: .discarded))
        #expect(state.changes.withLock { $0 } == "")
    }

    @Test func `git runs as the owner, who gets what belongs to somebody else`() async throws {
        try await fake.obeysLaw(checkout(.commit(Self.commit)))
        #expect(try await fake.obeysLaw(checkout(.commit(Self.commit), owner: "pi")).reason == "owner 0 → pi")
        #expect(fake.commands.log.contains("chown --recursive --no-dereference 1000:1000 -- /srv/app"))
        #expect(fake.commands.log.last?.hasPrefix("runuser --user pi -- git -C /srv/app") == true)
    }

    @Test func `a checkout does not belong to a user who is still missing`() async throws {
        try await fake.obeysLaw(checkout(.commit(Self.commit)))
        #expect(try await fake.check(checkout(.commit(Self.commit), owner: "anna")).reason == "owner 0 → anna")
    }

    @Test func `submodules that are missing or at another commit are updated`() async throws {
        try await fake.obeysLaw(checkout(.commit(Self.commit), submodules: true))
        for line in ["-\(Self.commit) lib\n", "+\(Self.newer) lib (v2)\n"] {
            state.submodules.withLock { $0 = line }
            let change = try await fake.obeysLaw(checkout(.commit(Self.commit), submodules: true))
            #expect(change.reason == "update submodules")
        }
    }

    @Test func `a directory of somebody else is refused`() async throws {
        fake.files.put("/srv/app/data", "x")
        await #expect(throws: Failure.self) { try await fake.check(checkout(.branch("main"))) }
    }

    @Test(arguments: ["other.git", "app", "app.git2", "app.git/x"])
    func `another repository in its place is refused`(_ name: String) async throws {
        try await fake.obeysLaw(checkout(.branch("main")))
        fake.files.put("/srv/app/.git/config", "[remote \"origin\"]\n\turl = https://example.com/\(name)\n")
        await #expect(throws: Failure.self) { try await fake.check(checkout(.branch("main"))) }
    }

    @Test(arguments: Fault.allCases) func `a clone that was cut is finished`(_ fault: Fault) async throws {
        try await FakeMachine.verify(checkout(.branch("main")), survives: fault) { Self.machine().0 }
        try await FakeMachine.verify(checkout(.commit(Self.commit), owner: "pi"), survives: fault) { Self.machine().0 }
    }

    // MARK: Deploy keys

    private let secretive = GitCheckout(
        "git@example.com:app.git", to: "/srv/app", at: .branch("main"), owner: "pi", deployKey: Secret("key"),
        hostKeys: ["example.com ssh-ed25519 AAAA"])

    private func run(_ plaintext: String, version: String = "1") -> FakeMachine {
        fake.run(
            with: Secrets(versions: ["key": version]) { _ in ["key": try SecretBytes(copying: Array(plaintext.utf8))] })
    }

    @Test func `a private branch is followed without a plaintext`() async throws {
        let change = try await run("KEY").obeysLaw(secretive)
        #expect(change.secrets == [Secret("key")])
        let plain = fake.run(with: Secrets(versions: ["key": "1"]))
        #expect(try await plain.check(secretive) == .satisfied)
        state.remote.withLock { $0 = Self.newer }
        #expect(try await plain.obeysLaw(secretive) == Change(reason: "aaaaaaaaaaaa → bbbbbbbbbbbb"))
        // Of root, and nothing is left of what the owner was lent.
        let stored: FilePath = "/var/lib/propel/deploy-keys/%2Fsrv%2Fapp/key"
        #expect(fake.files.text(at: stored) == "KEY\n" && fake.files[stored]?.status.mode == 0o600)
        #expect(fake.files["/run/propel-git"] == nil)
        #expect(!fake.commands.log.joined().contains("KEY"))
        // The remote is asked beside the checkout: its configuration belongs to the owner.
        let asked = try #require(fake.commands.log.last { $0.contains("ls-remote") })
        #expect(asked.hasPrefix("git -c 'core.sshCommand=ssh -F /dev/null -i \(stored) ") && !asked.contains("-C"))
    }

    @Test func `a user keeps no key where the checkout fails`() async throws {
        let run = run("KEY")
        fake.commands.program("runuser") { [fake] command in
            // git is lent it.
            #expect(fake.files.text(at: "/run/propel-git/key") == "KEY\n")
            return .failing(128, "fatal: cannot reach the server\n")
        }
        await #expect(throws: (any Error).self) { try await secretive.apply(on: run.machine) }
        #expect(fake.files["/run/propel-git"] == nil)
    }

    @Test func `another key or host key is put in place`() async throws {
        try await run("KEY").obeysLaw(secretive)
        fake.files.put("/var/lib/propel/deploy-keys/%2Fsrv%2Fapp/known_hosts", "example.com ssh-ed25519 MALLORY\n")
        let plain = fake.run(with: Secrets(versions: ["key": "1"]))
        #expect(try await plain.check(secretive) == .unmet("renew the deploy key", secrets: [Secret("key")]))
        try await run("KEY").obeysLaw(secretive)
        let run = run("NEW", version: "2")
        guard case .unknown = try await run.check(secretive) else {
            Issue.record("a plaintext is needed")
            return
        }
        try await run.machine.secrets.fetch([Secret("key")])
        try await run.obeysLaw(secretive)
        #expect(fake.files.text(at: "/var/lib/propel/deploy-keys/%2Fsrv%2Fapp/key") == "NEW\n")
    }

    @Test func `invalid references and a key without host keys are problems`() {
        #expect(checkout(.commit("abc")).problems.count == 1)
        #expect(checkout(.branch("-x")).problems.count == 1)
        #expect(
            GitCheckout("git@x:y", to: "/srv/app", at: .branch("main"), deployKey: Secret("key")).problems.count == 1)
        #expect(
            GitCheckout(
                "git@x:y", to: "/srv/app", at: .branch("main"), deployKey: Secret("key"), hostKeys: ["x y\nz w"]
            ).problems.count == 1)
    }
}
