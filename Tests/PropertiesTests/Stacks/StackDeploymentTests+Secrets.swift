import PropelTesting
import Testing
import Yams

@testable import Properties

extension StackDeploymentTests {
    @Test func `secrets are only in their files`() async throws {
        let fake = try await fake.run(password: "it's $HOME \"\\x\"\n${y}")
        let stack = stack(password: "\(Secret("password"))")
        try await fake.obeysLaw(deployment(stack))
        let file = try #require(fake.files.snapshot.keys.first { $0.string.hasPrefix("/srv/shop/secrets/app/") })
        #expect(fake.files[file]?.text == "it's $HOME \"\\x\"\n${y}")
        #expect(fake.files[file]?.status.mode == 0o400)
        let override = try #require(fake.files["/srv/shop/docker-compose.override.yml"])
        #expect(override.status.mode == 0o600)
        #expect(override.text.contains(#"PASSWORD: "it's $$HOME \"\\x\"\x0A$${y}""#))
        #expect(!stack.composeText.contains("HOME") && !stack.composeText.contains("PASSWORD"))
        #expect(!fake.commands.log.contains { $0.contains("HOME") })
        // Another run, without plaintexts, knows that it is unchanged.
        let later = self.fake.run(with: Secrets(versions: ["password": "1"]))
        let answer = try await later.check(deployment(stack))
        #expect(answer == .satisfied)
    }

    /// At a boot docker would start the containers with what is there.
    @Test func `secrets are in place before the compose file that mounts them`() async throws {
        let fake = try await fake.run(password: "hunter2")
        try await deployment(stack(password: "\(Secret("password"))")).apply(on: fake.machine)
        let compose = try fake.operations.first("replace /srv/shop/docker-compose.yml")
        for file in ["replace /srv/shop/secrets/app/", "replace /srv/shop/docker-compose.override.yml"] {
            let last = try fake.operations.last(file)
            #expect(last < compose, "\(file)")
        }
    }

    /// Compose validates both before anything changes, and its messages may quote them.
    @Test(arguments: [true, false])
    func `compose validates both files together`(_ isAccepted: Bool) async throws {
        let fake = try await fake.run(password: "hunter2")
        let stack = stack(password: "\(Secret("password"))")
        fake.commands.program("docker-compose") { [files = fake.files] command in
            guard command.arguments.contains("config"), command.arguments.contains("/srv/shop/.candidate.override.yml")
            else {
                return command.arguments.contains("config") ? .printing() : .failing(1, "no further than this")
            }
            let candidate = try #require(files["/srv/shop/.candidate.override.yml"])
            #expect(candidate.status.mode == 0o600 && candidate.text.contains("hunter2"))
            return isAccepted ? .printing() : .failing(15, "invalid: hunter2\n")
        }
        let failure = await #expect(throws: Failure.self) { try await deployment(stack).apply(on: fake.machine) }
        let isRefused = failure?.message == "compose rejects the variables with secrets of shop"
        #expect(isRefused == !isAccepted)
        #expect(isAccepted || !"\(String(describing: failure))".contains("hunter2"))
        #expect(fake.files["/srv/shop/.candidate.override.yml"] == nil)
        #expect((fake.files["/srv/shop/docker-compose.yml"] != nil) == isAccepted)
    }

    /// Names that YAML takes for something else, and characters that it rejects.
    @Test func `compose reads variables with secrets literally`() async throws {
        let value =
            "a\u{80}\u{85}\u{9F}\u{A0}\u{A1}\u{2027}\u{2028}\u{2029}\u{FEFF}\u{FFFD}\u{FFFE}\u{FFFF}\u{1F600}é\u{7}\u{7F}\"\\\t\n"
        let fake = try await fake.run(password: value)
        let stack = Stack("shop") {
            Container("no", image: "i") {
                Environment("ON", "\(Secret("password"))")
                Environment("null", "\(Secret("password"))")
            }
        }
        #expect(stack.problems.isEmpty)
        try await fake.obeysLaw(deployment(stack))
        let text = try #require(fake.files["/srv/shop/docker-compose.override.yml"]).text
        // What no YAML is said to be printable of.
        #expect(
            !text.unicodeScalars.contains {
                (0x7F...0xA0).contains($0.value) || [0x2028, 0x2029, 0xFEFF, 0xFFFE, 0xFFFF].contains($0.value)
            })
        let document = try load(yaml: text) as? [String: [String: [String: [String: String]]]]
        #expect(document?["services"]?["no"]?["environment"] == ["ON": value, "null": value])
    }

    /// Compose would read them with the former file, and give them to the former containers.
    @Test func `a rollback leaves no variables with secrets that the former version had not`() async throws {
        try await fake.obeysLaw(deployment(stack()))
        docker.state.withLock { $0.statuses["app:sick"] = "Up 5 seconds (unhealthy)" }
        let sick = stack(tag: "sick", password: "\(Secret("password"))")
        let later = try await fake.run(password: "hunter2")
        let failure = await #expect(throws: Failure.self) { try await deployment(sick).apply(on: later.machine) }
        #expect(failure?.isRolledBack == true)
        #expect(
            docker.containers.count == 2 && docker.containers.values.allSatisfy { !$0.description.contains("hunter2") })
        let compose = try #require(fake.commands.log.last { $0.contains(" up ") })
        #expect(!compose.contains("override"))
        #expect(fake.files["/srv/shop/docker-compose.override.yml"] == nil)
        let now = try await fake.check(deployment(stack()))
        #expect(now == .satisfied)
    }

    @Test func `variables with secrets go when they are no longer declared`() async throws {
        let fake = try await fake.run(password: "hunter2")
        try await fake.obeysLaw(deployment(stack(password: "\(Secret("password"))")))
        #expect(fake.files["/srv/shop/docker-compose.override.yml"] != nil)
        try await fake.obeysLaw(deployment(stack()))
        #expect(fake.files["/srv/shop/docker-compose.override.yml"] == nil)
    }

    @Test func `a file with secrets has its owner and its mode again`() async throws {
        let fake = try await fake.run(password: "hunter2")
        let stack = stack(password: "\(Secret("password"))")
        try await fake.obeysLaw(deployment(stack))
        let override = stack.overrideFile
        for (path, node) in fake.files.snapshot where path == override || path.starts(with: "/srv/shop/secrets") {
            guard node.status.kind == .file else { continue }
            let status = node.status
            fake.files.put(path, bytes: node.bytes, mode: status.mode, owner: Owner(user: 1000, group: 1000))
            try await fake.obeysLaw(deployment(stack))
            #expect(fake.files[path]?.status.owner == status.owner)
            fake.files.put(path, bytes: node.bytes, mode: status.mode | 0o040, owner: status.owner)
            try await fake.obeysLaw(deployment(stack))
            #expect(fake.files[path]?.status.mode == status.mode)
        }
    }

    /// An unchanged secret need not be decrypted.
    @Test func `an unchanged secret is not requested`() async throws {
        let fake = try await fake.run(password: "one")
        try await fake.obeysLaw(deployment(stack(password: "\(Secret("password"))")))
        let later = self.fake.run(with: Secrets(versions: ["password": "1"]))
        try await later.obeysLaw(deployment(stack(tag: "v2", password: "\(Secret("password"))")))
    }

    @Test func `a changed secret recreates its containers`() async throws {
        let stack = stack(hasCache: true, password: "\(Secret("password"))")
        var fake = try await self.fake.run(password: "one")
        try await fake.obeysLaw(deployment(stack))
        let before = ids()

        // Encrypted again with the same plaintext: nothing is recreated.
        fake = self.fake.run(with: Secrets(versions: ["password": "2"]))
        let unknown = try await fake.check(deployment(stack))
        guard case .unknown = unknown else { throw LawBroken("\(unknown)") }
        fake = try await self.fake.run(password: "one", version: "2")
        let same = try await fake.check(deployment(stack))
        #expect(same == .satisfied)

        fake = try await self.fake.run(password: "two", version: "3")
        try await fake.obeysLaw(deployment(stack))
        #expect(ids()["app"] != before["app"] && ids()["db"] != before["db"])
        #expect(ids()["cache"] == before["cache"])
    }

    /// A run was killed after it had written another secret, and docker has restarted the container with it.
    @Test func `a container that may have another secret is recreated`() async throws {
        let stack = stack(password: "\(Secret("password"))")
        let fake = try await self.fake.run(password: "one")
        try await fake.obeysLaw(deployment(stack))
        let before = ids(), file = try #require(stack.secretFiles.first { $0.path != stack.overrideFile })
        fake.files.put(file.path, "two", mode: file.mode, owner: file.owner)
        try await fake.obeysLaw(deployment(stack))
        #expect(ids()["app"] != before["app"])
    }

    @Test func `a rollback restores the previous secret`() async throws {
        let stack = stack(password: "\(Secret("password"))")
        var fake = try await self.fake.run(password: "one")
        try await fake.obeysLaw(deployment(stack))
        let files = fake.files.snapshot.filter { $0.key.string.hasPrefix("/srv/shop/") }

        fake = try await self.fake.run(password: "two", version: "2")
        docker.state.withLock { $0.statuses["app:v1"] = "Up 5 seconds (unhealthy)" }
        let failure = await #expect(throws: Failure.self) { try await deployment(stack).apply(on: fake.machine) }
        // It has the same image, so the previous version is unhealthy too.
        #expect(failure?.isRolledBack == false)
        #expect(failure?.message.contains("rollback failed too: ") == true)
        let after = fake.files.snapshot.filter { $0.key.string.hasPrefix("/srv/shop/") }
        #expect(after.mapValues(\.bytes) == files.mapValues(\.bytes))
    }
}

extension FakeFileSystem.Node {
    fileprivate var text: String { String(decoding: bytes, as: UTF8.self) }
}
