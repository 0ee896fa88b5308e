import PropelTesting
import Properties
import RecordedOperations
import Synchronization
import Testing

@Suite(.recorded) struct CommandTests {
    private let fake = FakeMachine()

    @Test func `a command runs until its check succeeds`() async throws {
        fake.files.put(directory: "/srv")
        fake.commands.program("bash") { [fake] command in
            if command.arguments.last == "make-it" { fake.files.put("/srv/done", "") }
            return command.arguments.last == "make-it" || fake.files["/srv/done"] != nil ? .printing() : .failing(1)
        }
        let command = Command("make-it", unless: "test -e /srv/done")
        #expect(try await fake.obeysLaw(command).reason == "run make-it")
        #expect(fake.commands.log.contains("bash -o pipefail -ec make-it"))
        #expect(try await fake.check(command) == .satisfied)
    }

    @Test func `a command that has no effect has failed`() async throws {
        fake.commands.program("bash")
        let host = Host("x", runs: Debian.self) { Command("true", creates: "/srv/none") }
        let reports = Mutex<[PropertyReport]>([])
        _ = await Engine(host: host, machine: fake.machine) { event in
            if case .property(let report) = event { reports.withLock { $0.append(report) } }
        }.enforce()
        #expect(reports.withLock { $0 }.first?.status == .failed)
    }

    @Test func `creates and removes look at the path alone`() async throws {
        fake.files.put("/etc/there", "")
        #expect(try await fake.check(Command("x", creates: "/etc/there")) == .satisfied)
        #expect(try await fake.check(Command("x", removes: "/etc/none")) == .satisfied)
        #expect(try await fake.check(Command("x", creates: "/etc/none")).reason == "run x")
        #expect(try await fake.check(Command("x", removes: "/etc/there")).reason == "run x")
        #expect(fake.commands.log.isEmpty)
    }

    @Test func `output decides where it is asked for`() async throws {
        fake.commands.program("bash") { _ in .printing("installed: true\n") }
        #expect(try await fake.check(Command("x", .unlessPrinted("installed: true", by: "status"))) == .satisfied)
        #expect(try await fake.check(Command("x", .unlessPrinted("other", by: "status"))).reason == "run x")
    }

    @Test func `a command without a check runs once, as it is declared`() async throws {
        for program in ["bash", "env"] { fake.commands.program(program) }
        fake.files.put(directory: "/srv/app")
        let command = Command("tool set port 1", .once)
        #expect(try await fake.obeysLaw(command).reason == "run tool set port 1, once")
        #expect(fake.commands.log == ["bash -o pipefail -ec 'tool set port 1'"])
        #expect(try await fake.check(Command("tool set port 1", as: "the port", .once)) == .satisfied)
        for other in [
            Command("tool set port 2", .once),
            Command("tool set port 1", .once, Command.Options(directory: "/srv/app")),
            Command("tool set port 1", .once, Command.Options(environment: ["A": "1"])),
            Command("tool set port 1", .once, Command.Options(input: "x")),
        ] {
            #expect(try await fake.obeysLaw(other).reason.hasSuffix(", once"))
        }
        #expect(fake.commands.log.count == 5)
    }

    @Test func `a command that fails has not run once`() async throws {
        fake.commands.program("bash", status: 1)
        await #expect(throws: CommandFailure.self) { try await Command("x", .once).apply(on: fake.machine) }
        #expect(try await fake.check(Command("x", .once)).reason == "run x, once")
        fake.commands.program("bash", status: 3)
        try await Command("x", .once, Command.Options(exitStatuses: [0, 3])).apply(on: fake.machine)
        #expect(try await fake.check(Command("x", .once)) == .satisfied)
    }

    @Test func `the record of a command has no plaintext`() async throws {
        let fake = fake.run(
            with: Secrets(versions: ["token": "1"]) { _ in ["token": try SecretBytes(copying: Array("canary".utf8))] })
        fake.commands.program("bash")
        try await fake.obeysLaw(Command("login", .once, Command.Options(input: "\(Secret("token"))")))
        let records: FilePath = "/var/lib/propel/commands"
        #expect(try fake.files.list(records).map { fake.files.text(at: records.appending($0)) } == ["login\n"])
        #expect(Command("login", .once, Command.Options(input: "\(Secret("token"))")).secrets.map(\.name) == ["token"])
    }

    @Test func `another user, a directory and variables are passed on`() async throws {
        fake.files.put(directory: "/srv/app")
        let seen = Mutex<Invocation?>(nil)
        fake.commands.program("runuser") { command in
            seen.withLock { $0 = command }
            return .printing()
        }
        try await Command("x", creates: "/srv/y", user: "pi", directory: "/srv/app", environment: ["A": "1"])
            .apply(on: fake.machine)
        let command = try #require(seen.withLock { $0 })
        #expect(
            command.arguments == [
                "--user", "pi", "--", "env", "--chdir=/srv/app", "--", "bash", "-o", "pipefail", "-ec", "x",
            ])
        #expect(command.environment["A"] == "1" && command.environment["HOME"] == "/home/pi")
        #expect(command.environment["XDG_RUNTIME_DIR"] == "/run/user/1000")
    }

    @Test func `a user and a directory that come later leave the check undetermined`() async throws {
        #expect(try await fake.check(Command("x", unless: "y", user: "nobody-yet")).isUnknown)
        #expect(try await fake.check(Command("x", unless: "y", directory: "/srv/none")).isUnknown)
    }

    @Test func `other exit statuses may count as success`() async throws {
        fake.commands.program("bash", status: 3)
        try await Command("x", creates: "/y", exitStatuses: [0, 3]).apply(on: fake.machine)
        await #expect(throws: CommandFailure.self) { try await Command("x", creates: "/y").apply(on: fake.machine) }
    }

    @Test func `an action runs once after a change`() async throws {
        let fake = fake
        fake.commands.program("bash")
        let host = Host("x", runs: Debian.self) {
            File("/etc/aliases", "root: anna\n").onChange(Command.Run("newaliases"))
        }
        for _ in 1...2 { _ = await Engine(host: host, machine: fake.machine) { _ in }.enforce() }
        #expect(fake.commands.log == ["bash -o pipefail -ec newaliases"])
    }

    @Test func `an action gets secrets on its standard input`() async throws {
        let fake = fake.run(
            with: Secrets(versions: ["token": "1"]) { _ in ["token": try SecretBytes(copying: Array("canary".utf8))] })
        let inputs = Mutex<[String]>([])
        fake.commands.program("bash") { command in
            inputs.withLock { $0.append(String(decoding: command.input, as: UTF8.self)) }
            return .printing()
        }
        let host = Host("x", runs: Debian.self) {
            File("/etc/app.conf", "x\n").onChange(
                Command.Run("app login", Command.Options(input: "\(Secret("token"))")))
        }
        #expect(host.secrets.map(\.description) == ["token"])
        let run = await Engine(host: host, machine: fake.machine) { _ in }.enforce()
        #expect(run[.failed] == 0 && inputs.withLock { $0 } == ["canary"])
        #expect(fake.commands.log == ["bash -o pipefail -ec 'app login'"])
    }

    /// Actions with one name are performed once, and properties with one name and the same claims are one.
    @Test func `commands that begin alike, or run as another user, are not one`() {
        let long = String(repeating: "x", count: 90)
        let names = [
            Command.Run(long + "1").name, Command.Run(long + "2").name,
            Command.Run(long + "1", Command.Options(user: "pi")).name,
            Command.Run(long + "1", Command.Options(directory: "/srv")).name,
        ]
        #expect(Set(names).count == 4 && names.allSatisfy { $0.count < 110 }, "\(names)")
        let host = Host("x", runs: Debian.self) {
            Command("x", unless: "y")
            Command("x", unless: "z")
            Command("x", unless: "y", user: "pi")
            Command("x", as: "x", unless: "y")
            Command("x", as: "x", unless: "y")
        }
        #expect(host.steps.count == 4 && host.problems.isEmpty)
    }

    @Test func `invalid commands are problems`() {
        #expect(Command(" ", creates: "/x").problems.count == 1)
        #expect(Command("x", creates: "relative").problems.count == 1)
        #expect(Command("x", unless: "").problems.count == 1)
        #expect(Command("x", creates: "/x", environment: ["1A": ""]).problems.count == 1)
        #expect(Command("x", creates: "/x", exitStatuses: []).problems.count == 1)
    }
}
