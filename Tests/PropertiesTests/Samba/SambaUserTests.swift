import PropelTesting
import RecordedOperations
import Synchronization
import Testing

@testable import Properties

@Suite(.recorded) struct SambaUserTests {
    private let base = FakeMachine()
    private let users = Users()
    private let pi = Samba.User("pi", password: Secret("pi-smb"))

    /// The hash and the flags of each user.
    private final class Users: Sendable { let all = Mutex<[String: (hash: String, flags: String)]>([:]) }

    init() {
        base.hasInstalled("samba")
        base.files.put("/usr/bin/pdbedit", "", mode: 0o755)
        base.commands.program("pdbedit") { [users] _ in
            .printing(
                users.all.withLock { $0 }.sorted { $0.key < $1.key }.map {
                    "\($0.key):1000:XXXX:\($0.value.hash):[\($0.value.flags)]:LCT-65A1B2C3:\n"
                }.joined())
        }
        base.commands.program("smbpasswd") { [users] command in
            let words = command.arguments, name = words.last ?? ""
            switch words[0] {
            case "-x": users.all.withLock { $0[name] = nil }
            case "-e": users.all.withLock { $0[name]?.flags = "U          " }
            default:
                let lines = String(decoding: command.input, as: UTF8.self).nonEmptyLines
                guard lines.count == 2, lines[0] == lines[1] else { return .failing(1, "Mismatch\n") }
                users.all.withLock { $0[name] = ("hash of \(lines[0])", $0[name]?.flags ?? "U          ") }
            }
            return .printing()
        }
    }

    private func run(_ password: String, version: String = "1") -> FakeMachine {
        base.run(
            with: Secrets(versions: ["pi-smb": version]) { _ in
                ["pi-smb": try SecretBytes(copying: Array(password.utf8))]
            })
    }

    @Test func `a user gets a password, which the next run need not know`() async throws {
        let change = try await run("pencil\n").obeysLaw(pi)
        #expect(change.reason == "create" && change.secrets.map(\.name) == ["pi-smb"])
        #expect(users.all.withLock { $0["pi"]?.hash } == "hash of pencil")
        #expect(!base.commands.log.contains { $0.contains("pencil") })
        let later = base.run(with: Secrets(versions: ["pi-smb": "1"]))
        #expect(try await later.check(pi) == .satisfied)
    }

    @Test func `a password that somebody has changed is set again`() async throws {
        try await run("pencil").obeysLaw(pi)
        #expect(
            try await run("eraser", version: "2").obeysLaw(pi).reason == "set the password from the secret pi-smb")
        users.all.withLock { $0["pi"] = ("another", "U          ") }
        #expect(try await run("eraser", version: "2").obeysLaw(pi).reason == "another password")
        #expect(users.all.withLock { $0["pi"]?.hash } == "hash of eraser")
    }

    @Test func `a user who is disabled is enabled`() async throws {
        try await run("pencil").obeysLaw(pi)
        users.all.withLock { $0["pi"]?.flags = "DU         " }
        #expect(try await run("pencil").obeysLaw(pi).reason == "enable")
    }

    @Test func `a user goes, and a machine without samba has none`() async throws {
        try await run("pencil").obeysLaw(pi)
        #expect(try await base.obeysLaw(Samba.User.Absent("pi")).reason == "remove")
        try base.files.remove("/usr/bin/pdbedit")
        #expect(try await base.check(Samba.User.Absent("pi")) == .satisfied)
        #expect(try await run("x").check(pi) == .unknown(until: "samba is installed"))
        #expect(try await run("x").check(Samba.User("anna", password: Secret("pi-smb"))).isUnknown)
    }

    @Test(arguments: ["", "a\nb"]) func `a password that is no line is refused`(_ password: String) async throws {
        await #expect(throws: Failure.self) { try await pi.apply(on: run(password).machine) }
        #expect(base.commands.log.isEmpty)
    }

    @Test func `a failure shows no password`() async throws {
        base.commands.program("smbpasswd", status: 1, errors: "canary")
        let failure = await #expect(throws: Failure.self) { try await pi.apply(on: run("canary").machine) }
        #expect(failure.map { "\($0)".contains("canary") } == false)
        #expect(Samba.User("a:b", password: Secret("x")).problems.count == 1)
    }
}
