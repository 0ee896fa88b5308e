import PropelTesting
import Testing

@testable import Propel

/// The removal of what is no longer declared.
extension ForgottenTests {
    @Test func `a file is removed, and its declaration can come back`() async throws {
        let host = fake.host { PlacedText(path: "/etc/app.conf") }
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
        _ = await run(fake.host { PlacedText(path: "/etc/motd") })
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
                _ = await tests.run(tests.fake.host { PlacedText(path: "/etc/motd") })
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

    @Test func `a combining mark ends no literal of the Swift that is proposed`() throws {
        let mark = "\u{301}"
        let user = try #require(Placed(subject: "the user a\"\(mark)\\\(mark)"))
        let line = "User.Absent(\"a\\\"\u{301}\\\\\u{301}\")"
        #expect(Array(try user.removal(on: fake.machine).utf8) == Array(line.utf8))
    }

    @Test func `an unknown name is refused, and what there is is named`() async throws {
        _ = await run(fake.host { PlacedText(path: "/etc/app.conf") })
        let report = try await remove("/etc/ap.conf", from: nothing)["no /etc/ap.conf"]
        #expect(report?.status == .failed)
        #expect(
            report?.failure?.message
                == "nothing called “/etc/ap.conf” was put in place by a run and is no longer declared")
        #expect(report?.failure?.advice == "There is: /etc/app.conf.")
        #expect(fake.files["/etc/app.conf"] != nil)
    }

    @Test func `what is declared is not removed`() async throws {
        let host = fake.host { PlacedText(path: "/etc/app.conf") }
        _ = await run(host)
        let report = try await remove("/etc/app.conf", from: host)["no /etc/app.conf"]
        #expect(report?.failure?.message == "“/etc/app.conf” is declared, so the next run would bring it back")
        #expect(fake.files["/etc/app.conf"] != nil)
    }

    @Test func `a path without an original is left to a person`() async throws {
        _ = await run(
            fake.host {
                ClaimedThing(subject: "the path /srv/shop", state: "x") { [fake] _ in fake.files.put("/srv/shop", "") }
            })
        let report = try await remove("/srv/shop", from: nothing)["no /srv/shop"]
        #expect(report?.failure?.message == "no original of /srv/shop is kept, so it cannot be restored")
        #expect(fake.files["/srv/shop"] != nil)
    }

    @Test func `a directory with something in it is not removed`() async throws {
        _ = await run(
            fake.host {
                ClaimedThing(subject: "the path /srv/data", state: "x") { machine in
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
        _ = await run(fake.host { ClaimedThing(subject: "the package htop") { [self] _ in dpkg("htop") } })
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
        _ = await run(fake.host { ClaimedThing(subject: "the package libx") { [self] _ in dpkg("libx", "game") } })
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
                ClaimedThing(subject: "the package x.service") { [self] _ in dpkg("x.service") }
                ClaimedThing(subject: "the unit x.service", state: "running")
            })
        let report = try await remove("x.service", from: nothing)["no x.service"]
        #expect(report?.failure?.advice == "Say which: “package x.service” or “unit x.service”.")
    }

    @Test func `a unit is stopped before its file is removed`() async throws {
        let path: FilePath = "/etc/systemd/system/app.service"
        fake.files.put(directory: "/etc/systemd/system")
        _ = await run(fake.host { PlacedText(path: path) })
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
                ClaimedThing(subject: "the user ben", state: "sudo") { [fake] _ in
                    fake.files.put("/etc/passwd", passwd + "ben:x:1001:1001::/home/ben:/bin/bash\n")
                }
            }, machine: fake.machine
        ) { _ in }.enforce()
        let removal = try fake.host { Flag("x") }.performing(.removeForgotten(["ben"]))
        #expect(await fake.enforce(removal)["no ben"]?.status == .failed)
        #expect(fake.commands.log.isEmpty)
    }
}
