import PropelTesting
import Testing

@testable import Propel

/// A file that keeps what was there before, as those of the catalogue do.
private struct Text: Property {
    typealias Target = UnixLike
    let path: FilePath
    var content = "new"
    var name: String { "file \(path)" }
    var claims: [Claim] { [.path(path, is: content, summary: content)] }
    func check(on machine: Machine) async throws -> Check {
        try machine.files.readIfPresent(path) == Array(content.utf8) ? .satisfied : .unmet("other content")
    }
    func apply(on machine: Machine) async throws {
        try machine.originals.keep(path)
        try machine.files.replace(path, with: Array(content.utf8), mode: 0o644)
    }
}

/// Claims something and sets a flag.
private struct Thing: Property {
    typealias Target = UnixLike
    let subject: String
    var state = "installed"
    var apply: @Sendable (Machine) throws -> Void = { _ in }
    var name: String { "\(subject) \(state)" }
    var claims: [Claim] { [Claim(subject, is: state)] }
    func check(on machine: Machine) async throws -> Check { try await Flag(name).check(on: machine) }
    func apply(on machine: Machine) async throws {
        try apply(machine)
        try machine.set(name)
    }
}

@Suite struct ForgottenTests {
    let fake = FakeMachine()

    private func run(_ host: Host, only: [String] = []) async -> RunSummary {
        fake.machine.forgetFacts()
        return await Engine(host: host, only: only, machine: fake.machine) { _ in }.enforce()
    }

    private func plan(_ host: Host) async -> RunSummary {
        fake.machine.forgetFacts()
        return await Engine(host: host, machine: fake.machine) { _ in }.plan()
    }

    private var nothing: Host { fake.host { Flag("x") } }

    private func remove(_ names: String..., from host: Host) async throws -> Reports {
        let operation = HostOperation.removeForgotten(names)
        let host = try host.performing(operation)
        let reports = Reports()
        fake.machine.forgetFacts()
        _ = await Engine(host: host, machine: fake.machine, isDescription: false) { reports.add($0) }.enforce()
        return reports
    }

    // MARK: - The list

    @Test func `what a run has put in place is listed when it is no longer declared`() async throws {
        let host = fake.host { Text(path: "/etc/app.conf") }
        #expect(await run(host).forgotten == [])
        #expect(await run(host).forgotten == [])
        let expected = [Forgotten(name: "/etc/app.conf", removal: "File.Absent(\"/etc/app.conf\")")]
        #expect(await plan(nothing).forgotten == expected)
        #expect(await run(nothing).forgotten == expected)
        // It is told until it is gone.
        #expect(await run(nothing).forgotten == expected)
        let answers = try await nothing.answers(to: .forgotten, on: fake.machine)
        #expect(try answers.flatMap { try ($0.array ?? []).map(Forgotten.init) } == expected)
        try fake.files.remove("/etc/app.conf")
        #expect(await run(nothing).forgotten == [])
        // It is another file now.
        fake.files.put("/etc/app.conf", "of a person")
        #expect(await run(nothing).forgotten == [])
    }

    @Test func `what was there in the declared state already is nobody's leftover`() async {
        fake.files.put("/etc/app.conf", "new")
        _ = await run(fake.host { Text(path: "/etc/app.conf") })
        #expect(await run(nothing).forgotten == [])
    }

    @Test func `a file that was another before is restored`() async {
        fake.files.put("/etc/motd", "old")
        _ = await run(fake.host { Text(path: "/etc/motd") })
        #expect(
            await plan(nothing).forgotten
                == [Forgotten(name: "/etc/motd", removal: "File(\"/etc/motd\", …).reverted()")])
    }

    private func dpkg(_ packages: String...) {
        fake.files.put(
            "/var/lib/dpkg/status",
            packages.map { "Package: \($0)\nStatus: install ok installed\nDescription: x\n\n" }.joined()
                + "Package: gone\nStatus: deinstall ok config-files\n\n")
    }

    @Test func `packages, users and units are listed too`() async {
        dpkg("git")
        let passwd = fake.files.text(at: "/etc/passwd") ?? ""
        fake.commands.program("systemctl") { command in
            command.arguments == ["is-active", "--quiet", "--", "app.service"] ? .printing() : .failing(3)
        }
        let host = fake.host {
            Thing(subject: "the package git")
            Thing(subject: "the package htop") { [self] _ in dpkg("git", "htop") }
            Thing(subject: "the package gone")
            Thing(subject: "the user pi", state: "sudo")
            Thing(subject: "the user ben", state: "sudo") { [fake] _ in
                fake.files.put("/etc/passwd", passwd + "ben:x:1001:1001::/home/ben:/bin/bash\n")
            }
            Thing(subject: "the unit app.service", state: "running, enabled")
            Thing(subject: "the unit other.service", state: "stopped, disabled")
            Thing(subject: "the line x of /etc/hosts")
        }
        _ = await run(host)
        // git and pi were there before.
        #expect(
            await run(nothing).forgotten == [
                Forgotten(name: "package htop", removal: "Apt.Absent(\"htop\")"),
                Forgotten(
                    name: "unit app.service", removal: "Service(\"app.service\", isRunning: false, isEnabled: false)"),
                Forgotten(name: "user ben", removal: "User.Absent(\"ben\")"),
            ])
    }

    @Test func `what is declared absent, or for other machines, is not forgotten`() async {
        _ = await run(
            fake.host {
                Text(path: "/etc/a")
                Text(path: "/etc/b")
            })
        let host = fake.host {
            Thing(subject: "the path /etc/a", state: "absent")
            When(.architecture("none")) { Text(path: "/etc/b") }
        }
        #expect(await plan(host).forgotten == [])
    }

    @Test func `a run on a part forgets nothing of the rest`() async {
        let host = fake.host {
            Text(path: "/etc/a")
            Text(path: "/etc/b")
        }
        _ = await run(host)
        #expect(await run(host, only: ["file /etc/a"]).forgotten == [])
    }

    @Test func `an operation puts nothing in place`() async {
        _ = await Engine(host: fake.host { Text(path: "/etc/a") }, machine: fake.machine, isDescription: false) { _ in }
            .enforce()
        #expect(await run(nothing).forgotten == [])
    }

    @Test(arguments: Fault.allCases) func `what a run that is cut leaves is found`(fault: Fault) async throws {
        struct Subject {
            let fake = FakeMachine()
            func run(@PropertyBuilder<Debian> _ properties: () -> [Declaration]) async -> RunSummary {
                fake.machine.forgetFacts()
                return await Engine(host: fake.host(properties), machine: fake.machine) { _ in }.enforce()
            }
        }
        try await atEveryOperation(of: { Subject() }, \.fake, fault) { subject in
            _ = await subject.run { Text(path: "/etc/app.conf") }
        } judge: { subject in
            let isThere = try subject.fake.machine.files.status(of: "/etc/app.conf") != nil
            let forgotten = await subject.run { Flag("x") }.forgotten
            guard forgotten.isEmpty != isThere else { throw LawBroken("\(isThere), and \(forgotten)") }
        }
    }

    @Test func `a damaged record is an error and stays as it is`() async {
        fake.files.put("/var/lib/propel/placed.json", "{")
        let reports = await fake.enforce { Text(path: "/etc/a") }
        #expect(reports["file /etc/a"]?.status == .failed)
        #expect(fake.files.text(at: "/var/lib/propel/placed.json") == "{")
        #expect(await fake.enforce { Flag("b") }.statuses == ["b": .changed])
    }

    // MARK: - The removal

    @Test func `a file is removed, and its declaration can come back`() async throws {
        let host = fake.host { Text(path: "/etc/app.conf") }
        _ = await run(host)
        let operation = HostOperation.removeForgotten(["/etc/app.conf"])
        #expect(try HostOperation(operation.json) == operation)
        let planned = await fake.plan(try nothing.performing(operation))
        #expect(planned["no /etc/app.conf"]?.detail == "remove")
        #expect(fake.files["/etc/app.conf"] != nil)
        let reports = try await remove("/etc/app.conf", from: nothing)
        #expect(reports.statuses == ["no /etc/app.conf": .changed])
        #expect(fake.files["/etc/app.conf"] == nil)
        #expect(await run(nothing).forgotten == [])
        _ = await run(host)
        #expect(await run(nothing).forgotten.map(\.name) == ["/etc/app.conf"])
    }

    @Test func `what was there before comes back, and is not removed by another try`() async throws {
        fake.files.put("/etc/motd", "old", mode: 0o600)
        _ = await run(fake.host { Text(path: "/etc/motd") })
        let planned = await fake.plan(try nothing.performing(.removeForgotten(["/etc/motd"])))
        #expect(planned["no /etc/motd"]?.detail == "restore what was there before")
        _ = try await remove("/etc/motd", from: nothing)
        #expect(fake.files.text(at: "/etc/motd") == "old")
        #expect(try await remove("/etc/motd", from: nothing).statuses == ["no /etc/motd": .ok])
        #expect(fake.files.text(at: "/etc/motd") == "old")
        #expect(await run(nothing).forgotten == [])
    }

    @Test(arguments: Fault.allCases) func `a removal that is cut is finished by the next`(fault: Fault) async throws {
        try await atEveryOperation(
            of: {
                let tests = ForgottenTests()
                tests.fake.files.put("/etc/motd", "old")
                _ = await tests.run(tests.fake.host { Text(path: "/etc/motd") })
                return tests
            }, \.fake, fault
        ) { tests in
            _ = try await tests.remove("/etc/motd", from: tests.nothing)
        } judge: { tests in
            let reports = try await tests.remove("/etc/motd", from: tests.nothing)
            guard reports.all.allSatisfy({ $0.status == .ok || $0.status == .changed }),
                tests.fake.files.text(at: "/etc/motd") == "old"
            else { throw LawBroken("\(reports.all)") }
        }
    }

    @Test func `an unknown name is refused, and what there is is named`() async throws {
        _ = await run(fake.host { Text(path: "/etc/app.conf") })
        let report = try await remove("/etc/ap.conf", from: nothing)["no /etc/ap.conf"]
        #expect(report?.status == .failed)
        #expect(
            report?.failure?.message
                == "nothing called “/etc/ap.conf” was put in place by a run and is no longer declared")
        #expect(report?.failure?.advice == "There is: /etc/app.conf.")
        #expect(fake.files["/etc/app.conf"] != nil)
    }

    @Test func `what is declared is not removed`() async throws {
        let host = fake.host { Text(path: "/etc/app.conf") }
        _ = await run(host)
        let report = try await remove("/etc/app.conf", from: host)["no /etc/app.conf"]
        #expect(report?.failure?.message == "“/etc/app.conf” is declared, so the next run would bring it back")
        #expect(fake.files["/etc/app.conf"] != nil)
    }

    @Test func `a path without an original is left to a person`() async throws {
        _ = await run(
            fake.host {
                Thing(subject: "the path /srv/shop", state: "x") { [fake] _ in fake.files.put("/srv/shop", "") }
            })
        let report = try await remove("/srv/shop", from: nothing)["no /srv/shop"]
        #expect(report?.failure?.message == "no original of /srv/shop is kept, so it cannot be restored")
        #expect(fake.files["/srv/shop"] != nil)
    }

    @Test func `a directory with something in it is not removed`() async throws {
        _ = await run(
            fake.host {
                Thing(subject: "the path /srv/data", state: "x") { machine in
                    try machine.originals.keep("/srv/data")
                    try machine.files.createDirectories("/srv/data", mode: 0o755)
                }
            })
        fake.files.put("/srv/data/file", "of a person")
        #expect(try await remove("/srv/data", from: nothing)["no /srv/data"]?.status == .failed)
        #expect(fake.files["/srv/data/file"] != nil)
    }

    @Test func `a package is removed alone`() async throws {
        dpkg()
        _ = await run(fake.host { Thing(subject: "the package htop") { [self] _ in dpkg("htop") } })
        fake.commands.program("apt-get") { [self] command in
            #expect(command.arguments.suffix(3) == ["remove", "--", "htop"])
            if command.arguments.contains("--simulate") { return .printing("Remv htop [3.2]\n") }
            dpkg()
            return .printing()
        }
        #expect(try await remove("htop", from: nothing).statuses == ["no htop": .changed])
        #expect(fake.commands.log.count == 2)
    }

    @Test func `a package that others need stays`() async throws {
        dpkg()
        _ = await run(fake.host { Thing(subject: "the package libx") { [self] _ in dpkg("libx", "game") } })
        fake.commands.program("apt-get", prints: "Remv game [1]\nRemv libx [1]\n")
        let report = try await remove("package libx", from: nothing)["no package libx"]
        #expect(report?.failure?.message == "other packages depend on libx: game")
        #expect(!fake.commands.log.contains { $0.contains("--yes") })
    }

    @Test func `one name of two things has to be completed`() async throws {
        dpkg()
        fake.commands.program("systemctl")
        _ = await run(
            fake.host {
                Thing(subject: "the package x.service") { [self] _ in dpkg("x.service") }
                Thing(subject: "the unit x.service", state: "running")
            })
        let report = try await remove("x.service", from: nothing)["no x.service"]
        #expect(report?.failure?.advice == "Say which: “package x.service” or “unit x.service”.")
    }

    @Test func `a unit is stopped before its file is removed`() async throws {
        let path: FilePath = "/etc/systemd/system/app.service"
        fake.files.put(directory: "/etc/systemd/system")
        _ = await run(fake.host { Text(path: path) })
        fake.commands.program("systemctl") { [fake] command in
            #expect((fake.files[path] != nil) == (command.arguments.first == "disable"))
            return .printing()
        }
        #expect(try await remove("\(path)", from: nothing).statuses == ["no \(path)": .changed])
        #expect(fake.commands.log == ["systemctl disable --now -- app.service", "systemctl daemon-reload"])
    }

    @Test func `the user of the connection is not removed`() async throws {
        let fake = FakeMachine(invoker: "ben")
        let passwd = fake.files.text(at: "/etc/passwd") ?? ""
        _ = await Engine(
            host: fake.host {
                Thing(subject: "the user ben", state: "sudo") { [fake] _ in
                    fake.files.put("/etc/passwd", passwd + "ben:x:1001:1001::/home/ben:/bin/bash\n")
                }
            }, machine: fake.machine
        ) { _ in }.enforce()
        let removal = try fake.host { Flag("x") }.performing(.removeForgotten(["ben"]))
        #expect(await fake.enforce(removal)["no ben"]?.status == .failed)
        #expect(fake.commands.log.isEmpty)
    }

    @Test func `the list survives the wire`() throws {
        var summary = RunSummary(counts: [.ok: 1])
        summary.forgotten = [Forgotten(name: "/etc/a", removal: "File.Absent(\"/etc/a\")")]
        let event = Event.ended(summary)
        #expect(try Event(JSON(parsing: event.json.description)) == event)
        for malformed: JSON in ["x", [1], [["name": "a"]]] {
            var message = event.json.object ?? [:]
            message["forgotten"] = malformed
            #expect(throws: MalformedMessage.self) { try Event(.object(message)) }
        }
    }
}
