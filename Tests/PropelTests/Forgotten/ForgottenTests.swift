import PropelTesting
import RecordedOperations
import Testing

@testable import Propel

/// A file that keeps what was there before, as those of the catalogue do.
struct PlacedText: Property {
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
struct ClaimedThing: Property {
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

@Suite(.recorded) struct ForgottenTests {
    let fake = FakeMachine()

    func run(_ host: Host, only: [String] = []) async -> RunSummary {
        fake.machine.forgetFacts()
        return await Engine(host: host, only: only, machine: fake.machine) { _ in }.enforce()
    }

    func plan(_ host: Host) async -> RunSummary {
        fake.machine.forgetFacts()
        return await Engine(host: host, machine: fake.machine) { _ in }.plan()
    }

    var nothing: Host { fake.host { Flag("x") } }

    func remove(_ names: String..., from host: Host) async throws -> Reports {
        let operation = HostOperation.removeForgotten(names)
        let host = try host.performing(operation)
        let reports = Reports()
        fake.machine.forgetFacts()
        _ = await Engine(host: host, machine: fake.machine) { reports.add($0) }.enforce()
        return reports
    }

    // MARK: - The list

    @Test func `what a run has put in place is listed when it is no longer declared`() async throws {
        let host = fake.host { PlacedText(path: "/etc/app.conf") }
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
        _ = await run(fake.host { PlacedText(path: "/etc/app.conf") })
        #expect(await run(nothing).forgotten == [])
    }

    @Test func `a file that was another before is restored`() async {
        fake.files.put("/etc/motd", "old")
        _ = await run(fake.host { PlacedText(path: "/etc/motd") })
        #expect(
            await plan(nothing).forgotten
                == [Forgotten(name: "/etc/motd", removal: "File(\"/etc/motd\", …).reverted()")])
    }

    func dpkg(_ packages: String...) {
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
            ClaimedThing(subject: "the package git")
            ClaimedThing(subject: "the package htop") { [self] _ in dpkg("git", "htop") }
            ClaimedThing(subject: "the package gone")
            ClaimedThing(subject: "the user pi", state: "sudo")
            ClaimedThing(subject: "the user ben", state: "sudo") { [fake] _ in
                fake.files.put("/etc/passwd", passwd + "ben:x:1001:1001::/home/ben:/bin/bash\n")
            }
            ClaimedThing(subject: "the unit app.service", state: "running, enabled")
            ClaimedThing(subject: "the unit other.service", state: "stopped, disabled")
            ClaimedThing(subject: "the line x of /etc/hosts")
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
                PlacedText(path: "/etc/a")
                PlacedText(path: "/etc/b")
            })
        let host = fake.host {
            ClaimedThing(subject: "the path /etc/a", state: "absent")
            When(.architecture("none")) { PlacedText(path: "/etc/b") }
        }
        #expect(await plan(host).forgotten == [])
    }

    @Test func `a run on a part forgets nothing of the rest`() async {
        let host = fake.host {
            PlacedText(path: "/etc/a")
            PlacedText(path: "/etc/b")
        }
        _ = await run(host)
        #expect(await run(host, only: ["file /etc/a"]).forgotten == [])
    }

    @Test func `an operation puts nothing in place`() async {
        var host = fake.host { PlacedText(path: "/etc/a") }
        host.isDescription = false
        _ = await Engine(host: host, machine: fake.machine) { _ in }.enforce()
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
            _ = await subject.run { PlacedText(path: "/etc/app.conf") }
        } judge: { subject in
            let isThere = try subject.fake.machine.files.status(of: "/etc/app.conf") != nil
            let forgotten = await subject.run { Flag("x") }.forgotten
            guard forgotten.isEmpty != isThere else { throw LawBroken("\(isThere), and \(forgotten)") }
        }
    }

    @Test func `what an earlier step takes away and a later one makes again is known`() async {
        fake.files.put("/etc/app.conf", "new")
        _ = await run(
            fake.host {
                Flag("a") { machine in try machine.files.remove("/etc/app.conf") }
                PlacedText(path: "/etc/app.conf")
            })
        #expect(fake.files.text(at: "/etc/app.conf") == "new")
        #expect(await run(nothing).forgotten.map(\.name) == ["/etc/app.conf"])
    }

    @Test func `a damaged record is an error and stays as it is`() async {
        fake.files.put("/var/lib/propel/placed.json", "{")
        let reports = await fake.enforce { PlacedText(path: "/etc/a") }
        #expect(reports["file /etc/a"]?.status == .failed)
        #expect(fake.files.text(at: "/var/lib/propel/placed.json") == "{")
        #expect(await fake.enforce { Flag("b") }.statuses == ["b": .changed])
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
