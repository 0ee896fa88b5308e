import PropelTesting
import RecordedOperations
import Synchronization
import Testing

@testable import Properties

@Suite(.recorded) struct DebconfTests {
    private let fake = FakeMachine()
    private let type = Apt.Debconf("postfix", "postfix/main_mailer_type", .select, "Satellite system")

    /// debconf-set-selections, as far as these tests need it.
    private func plant(_ fake: FakeMachine) {
        _ = FakeApt(fake, available: ["git", "postfix"])
        fake.files.put("/var/cache/debconf/config.dat", "Name: other/question\nValue: x\nFlags: seen\n\n")
        fake.commands.program("debconf-set-selections") { command in
            for line in String(decoding: command.input, as: UTF8.self).split(separator: "\n") {
                let words = line.split(separator: " ", maxSplits: 3).map(String.init)
                let path: FilePath =
                    words[2] == "password" ? "/var/cache/debconf/passwords.dat" : "/var/cache/debconf/config.dat"
                let others = (fake.files.text(at: path) ?? "").split(separator: "\n\n").filter {
                    !$0.hasPrefix("Name: \(words[1])\n")
                }
                fake.files.put(
                    path,
                    others.map { $0 + "\n\n" }.joined()
                        + "Name: \(words[1])\nTemplate: x\nValue: \(words[3])\nOwners: \(words[0])\nFlags: seen\n\n")
            }
            return .printing()
        }
    }

    @Test func `an answer is given on standard input`() async throws {
        plant(fake)
        #expect(try await fake.obeysLaw(type).reason == "none → “Satellite system”")
        #expect(fake.commands.log.last == "debconf-set-selections")
        #expect(fake.files.text(at: "/var/cache/debconf/config.dat")?.contains("other/question") == true)
    }

    @Test(arguments: [
        "Name: postfix/main_mailer_type\nValue: Satellite\nFlags: seen\n",
        "Name: postfix/main_mailer_type\nValue: Satellite system\n",
        "Name: postfix/main_mailer_type\nTemplate: x\n\nName: x\nValue: Satellite system\nFlags: seen\n",
        "Name: x/postfix/main_mailer_type\nValue: Satellite system\nFlags: seen\n",
    ])
    func `a near miss is answered`(_ database: String) async throws {
        plant(fake)
        fake.files.put("/var/cache/debconf/config.dat", database)
        try await fake.obeysLaw(type)
    }

    @Test func `an answer comes before the packages of the same run, wherever it is declared`() async throws {
        plant(fake)
        let host = Host("test", runs: Debian.self) {
            Apt.Installed("git")
            type
            Apt.Installed("postfix")
        }
        let run = await Engine(host: host, machine: fake.machine) { _ in }.enforce()
        #expect(run[.changed] == 3)
        let answer = try #require(fake.commands.log.firstIndex(of: "debconf-set-selections"))
        let install = try #require(fake.commands.log.firstIndex { $0.hasSuffix("install -- git postfix") })
        #expect(answer < install)
    }

    @Test func `a password is given once, though the package forgets it`() async throws {
        let secret = Secret("root-password")
        let password = Apt.Debconf("postfix", "postfix/password", .password, Content(secret))
        let run = fake.run(
            with: Secrets(versions: ["root-password": "1"]) { _ in
                ["root-password": try SecretBytes(copying: Array("hunter2\n".utf8))]
            })
        plant(run)
        let change = try await run.obeysLaw(password)
        #expect(change.reason == "give it, with a secret in it" && change.secrets == [secret])
        #expect(run.files.text(at: "/var/cache/debconf/passwords.dat")?.contains("Value: hunter2\n") == true)
        #expect(!run.commands.log.contains { $0.contains("hunter2") })
        // The package is installed, and has removed it.
        run.files.put("/var/lib/dpkg/status", FakeApt.package("postfix", "install ok installed"))
        run.files.put("/var/cache/debconf/passwords.dat", "Name: postfix/password\nValue: \nFlags: seen\n")
        #expect(try await run.check(password) == .satisfied)
        // Neither the package nor the answer is there: it would ask.
        run.files.put("/var/lib/dpkg/status", "")
        #expect(try await run.check(password).reason == "give it, with a secret in it")
        let next = fake.run(with: Secrets(versions: ["root-password": "2"]))
        run.files.put("/var/lib/dpkg/status", FakeApt.package("postfix", "install ok installed"))
        #expect(try await next.check(password).reason == "give it, with a secret in it")
    }

    @Test func `an answer of several lines is refused`() async throws {
        #expect(Apt.Debconf("postfix", "postfix/x", .string, "a\nroot x boolean true").problems.count == 1)
        #expect(Apt.Debconf("postfix", "postfix/x", .string, "a\\").problems.count == 1)
        #expect(Apt.Debconf("postfix", "postfix/x y", .string, "a").problems.count == 1)
        let run = fake.run(
            with: Secrets(versions: ["x": "1"]) { _ in ["x": try SecretBytes(copying: Array("a\nb c d e".utf8))] })
        plant(run)
        let password = Apt.Debconf("postfix", "postfix/password", .password, Content(Secret("x")))
        await #expect(throws: Failure.self) { try await password.apply(on: run.machine) }
        #expect(!run.commands.log.contains("debconf-set-selections"))
    }
}
