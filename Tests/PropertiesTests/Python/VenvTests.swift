import PropelTesting
import RecordedOperations
import Testing

@testable import Properties

@Suite(.recorded) struct VenvTests {
    private let fake = VenvTests.machine()
    private static let packages: FilePath = "/srv/app/venv/lib/python3.11/site-packages"

    /// A machine on which venv and pip make and remove the directories that describe packages. flask needs werkzeug.
    private static func machine() -> FakeMachine {
        let fake = FakeMachine()
        fake.files.put(directory: "/srv/app", owner: Owner(user: 1000, group: 1000))
        fake.files.put("/usr/bin/python3", linkTo: "python3.11")
        fake.runsProgramsOfPi()
        fake.commands.program("/usr/bin/python3") { command in
            guard command.arguments.prefix(3) == ["-m", "venv", "--clear"] else { return .failing() }
            try fake.files.deleteTree(Self.packages)
            fake.files.put(directory: Self.packages.appending("pip-23.0.1.dist-info"))
            return .printing()
        }
        fake.commands.program("/srv/app/venv/bin/python") { command in
            let words = command.arguments
            if words.contains("uninstall") {
                for name in words.drop(while: { $0 != "--yes" }).dropFirst() {
                    for entry in try fake.files.list(Self.packages) where entry.hasPrefix(name + "-") {
                        try fake.files.remove(Self.packages.appending(entry))
                    }
                }
                return .printing()
            }
            let lines = (fake.files.text(at: FilePath(words.last ?? "")) ?? "").split(separator: "\n")
            var wanted = lines.map { line -> (name: String, version: String) in
                let parts = line.split(separator: "=").map(String.init)
                return (parts[0], parts.count > 1 ? parts[1] : "1.0")
            }
            if wanted.contains(where: { $0.name == "flask" }) { wanted.append(("werkzeug", "3.0")) }
            if words.contains("--dry-run") {
                let list = wanted.map { "{\"metadata\": {\"name\": \"\($0.name)\", \"version\": \"\($0.version)\"}}" }
                return .printing("{\"install\": [\(list.joined(separator: ", "))]}")
            }
            for (name, version) in wanted {
                for entry in try fake.files.list(Self.packages) where entry.hasPrefix(name + "-") {
                    try fake.files.remove(Self.packages.appending(entry))
                }
                fake.files.put(directory: Self.packages.appending("\(name)-\(version).dist-info"))
            }
            return .printing()
        }
        return fake
    }

    private func venv(_ packages: String...) -> Python.Venv {
        Python.Venv("/srv/app/venv", packages: packages, owner: "pi")
    }

    private var installed: [String] {
        ((try? fake.files.list(Self.packages)) ?? []).map { $0.replacing(".dist-info", with: "") }
    }

    @Test func `an environment is made with the rights of its owner`() async throws {
        let change = try await fake.obeysLaw(venv("flask==3.0", "gunicorn"))
        #expect(change.reason == "create")
        #expect(change.diff?.text.contains("+flask==3.0") == true)
        #expect(installed == ["flask-3.0", "gunicorn-1.0", "pip-23.0.1", "werkzeug-3.0"])
        #expect(fake.commands.log.first == "runuser --user pi -- /usr/bin/python3 -m venv --clear /srv/app/venv")
        #expect(fake.files["/srv/app/venv"]?.status.owner == Owner(user: 1000, group: 1000))
        // A check starts no program.
        let count = fake.commands.log.count
        #expect(try await fake.check(venv("flask==3.0", "gunicorn")) == .satisfied)
        #expect(fake.commands.log.count == count)
    }

    @Test func `what is no longer declared is removed, with what it needed`() async throws {
        try await fake.obeysLaw(venv("flask==3.0", "gunicorn"))
        let change = try await fake.obeysLaw(venv("gunicorn==2.0"))
        #expect(change.reason == "other packages")
        #expect(installed == ["gunicorn-2.0", "pip-23.0.1"])
        #expect(fake.commands.log.count { $0.contains("-m venv") && $0.hasPrefix("/usr/bin/python3") } == 1)
    }

    @Test func `what somebody has added or removed is put right`() async throws {
        let venv = venv("flask==3.0")
        try await fake.obeysLaw(venv)
        fake.files.put(directory: Self.packages.appending("evil-1.0.dist-info"))
        #expect(try await fake.obeysLaw(venv).reason == "remove evil-1.0")
        #expect(installed == ["flask-3.0", "pip-23.0.1", "werkzeug-3.0"])
        try fake.files.remove(Self.packages.appending("flask-3.0.dist-info"))
        fake.files.put(directory: Self.packages.appending("flask-2.0.dist-info"))
        #expect(try await fake.obeysLaw(venv).reason == "install flask-3.0; remove flask-2.0")
    }

    @Test func `an environment of another interpreter is made again`() async throws {
        try await fake.obeysLaw(venv("flask==3.0"))
        fake.files.put("/usr/bin/python3", linkTo: "python3.13")
        let change = try await fake.obeysLaw(venv("flask==3.0"))
        #expect(change.reason == "create again: it is for python3.11, and /usr/bin/python3 is python3.13")
    }

    @Test func `a failure leaves it unmet`() async throws {
        fake.commands.program("/srv/app/venv/bin/python", status: 1, errors: "ERROR: No matching distribution")
        await #expect(throws: CommandFailure.self) { try await venv("nope").apply(on: fake.machine) }
        #expect(try await fake.check(venv("nope")).reason == "install the declared packages")
    }

    @Test func `a directory with something else in it is refused`() async throws {
        fake.files.put("/srv/app/venv/data.db", "mine")
        await #expect(throws: Failure.self) { try await fake.check(venv("flask")) }
        await #expect(throws: Failure.self) { try await venv("flask").apply(on: fake.machine) }
        #expect(fake.files.text(at: "/srv/app/venv/data.db") == "mine" && fake.commands.log.isEmpty)
        // An environment that somebody else has made is taken over.
        fake.files.put("/srv/app/venv/pyvenv.cfg", "home = /usr/bin\n")
        try await fake.obeysLaw(venv("flask"))
    }

    @Test func `waits for its owner and its interpreter`() async throws {
        try fake.files.remove("/usr/bin/python3")
        #expect(try await fake.check(venv()).isUnknown)
        #expect(
            try await fake.check(Python.Venv("/srv/app/venv", owner: "anna")) == .unknown(until: "there is a user anna")
        )
        #expect(Python.Venv("venv").problems.count == 1)
        #expect(Python.Venv("/srv/app/venv", packages: ["a\0"]).problems.count == 1)
    }

    @Test func `a revert removes it`() async throws {
        let before = fake.files.snapshot
        try await fake.obeysLaw(venv("flask"))
        try await fake.obeysLaw(venv("flask").reverted())
        #expect(fake.files.snapshot == before)
    }

    @Test(arguments: Fault.allCases) func `another run finishes what a fault has cut`(_ fault: Fault) async throws {
        try await FakeMachine.verify(venv("flask==3.0"), survives: fault) { Self.machine() }
    }

    @Test func `an upgrade is no change that somebody else has made`() async throws {
        try await fake.obeysLaw(venv("flask"))
        try await Python.Venv.Upgrade("/srv/app/venv", owner: "pi").perform(on: fake.machine)
        #expect(
            fake.commands.log.last?.hasSuffix(
                "install --upgrade --upgrade-strategy eager --requirement /srv/app/venv/requirements.propel.txt")
                == true)
        #expect(try await fake.check(venv("flask")) == .satisfied)
        let count = fake.commands.log.count
        // Of what it has not made it keeps its hands off.
        try await Python.Venv.Upgrade("/srv/other").perform(on: fake.machine)
        #expect(fake.commands.log.count == count)
    }

    @Test func `what pip was cut off in counts as nothing`() async throws {
        try await fake.obeysLaw(venv("flask"))
        try fake.files.remove(Self.packages.appending("flask-1.0.dist-info"))
        fake.inject(.kill, afterFirst: " -m pip ")
        try? await venv("flask").apply(on: fake.machine)
        fake.restart(seed: 0)
        #expect(try await fake.check(venv("flask")) == .unmet("install the declared packages"))
    }

    @Test func `an upgrade that was cut off is not taken back`() async throws {
        try await fake.obeysLaw(venv("flask"))
        fake.inject(.kill, afterFirst: " --upgrade ")
        try? await Python.Venv.Upgrade("/srv/app/venv", owner: "pi").perform(on: fake.machine)
        fake.restart(seed: 0)
        #expect(try await fake.check(venv("flask")) == .unmet("install the declared packages"))
    }

    @Test func `an environment with the packages of the system is another one`() async throws {
        try await fake.obeysLaw(venv("flask"))
        let with = Python.Venv("/srv/app/venv", packages: ["flask"], owner: "pi", systemPackages: true)
        #expect(
            try await fake.obeysLaw(with).reason
                == "create again: it is for python3.11, and /usr/bin/python3 is python3.11 with system packages"
        )
        #expect(fake.commands.log.contains { $0.hasSuffix("venv --clear --system-site-packages /srv/app/venv") })
        #expect(try await fake.check(with) == .satisfied)
    }
}
