import PropelTesting
import RecordedOperations
import Testing

@testable import Propel

/// The record of guarded changes, and how it is settled without the run.
@Suite(.recorded) struct SafeguardTests {
    private let subject = GuardedMachine()
    private var fake: FakeMachine { subject.fake }
    private var safeguard: Safeguard { subject.safeguard }

    /// A machine whose run was killed while its changes wait.
    private func dieWaiting(_ restoration: Restoration = Restoration()) async throws -> GuardRecord {
        let host = fake.host {
            GuardedFile(GuardedMachine.old, restoration: restoration).onChange(GuardedMachine.reload)
            GuardedFile(GuardedMachine.new).onChange(
                Note("die") { [fake] _ in
                    fake.inject(.kill, after: 0)
                })
        }
        await subject.enforce(.confirmed, host)
        fake.restart(seed: 1)
        #expect(subject.texts == GuardedMachine.after)
        return try #require(try safeguard.record())
    }

    @Test func `a record survives its file`() throws {
        var record = GuardRecord(
            run: "1", token: "2", boot: "3", process: RunningProcess(id: 4, start: 5), user: "anna")
        record.isReturning = true
        record.changes = ["a/b"]
        record.first = [Invocation("systemctl", ["stop", "--", "a"])]
        record.commands = [Invocation("nft", ["--file", "-"], input: Array("delete table inet propel\n".utf8))]
        record.repetitions = [Invocation("reload", [], environment: ["A": "b"])]
        var read = try GuardRecord(try JSON(parsing: record.json.description))
        #expect(read.commands.map(\.timeout) == [.minutes(2)], "the unit waits no longer")
        for index in read.commands.indices { read.commands[index].timeout = .minutes(10) }
        for index in read.first.indices { read.first[index].timeout = .minutes(10) }
        for index in read.repetitions.indices { read.repetitions[index].timeout = .minutes(10) }
        #expect(read == record)
    }

    @Test func `only the token of this record confirms it, and only of the deployer`() async throws {
        let record = try await dieWaiting()
        for (token, user) in [("", "anna"), ("other", "anna"), (record.token, "ben")] {
            #expect(throws: Failure.self) { try safeguard.confirm(token, by: user) }
            #expect(try !safeguard.isConfirmed(record))
        }
        try safeguard.confirm(record.token, by: "anna")
        #expect(try safeguard.isConfirmed(record))
    }

    /// It may arrive at the last moment, and may be refused after it was taken for accepted.
    @Test(arguments: [true, false])
    func `what is on the disk decides, not what the run is told`(_ isConfirmed: Bool) async {
        var engine = subject.engine(.confirmed, subject.pair, Reports())
        engine.guarding?.ask = { [safeguard] token in
            guard isConfirmed else { return nil }
            try? safeguard.confirm(token, by: "anna")
            return GuardedMachine.refusal
        }
        _ = await engine.enforce()
        #expect(subject.texts == (isConfirmed ? GuardedMachine.after : GuardedMachine.before))
    }

    @Test func `a confirmation of another run counts for nothing`() async throws {
        let tokens = Recorder()
        for name in ["first", "second"] {
            var engine = subject.engine(.confirmed, fake.host { GuardedFile("/srv/\(name).conf") }, Reports())
            engine.guarding?.ask = { [safeguard] token in
                // What a kill has left of the run before.
                try? safeguard.confirm(tokens.words.last ?? token, by: "anna")
                tokens.add(token)
                return nil
            }
            _ = await engine.enforce()
        }
        #expect(fake.files.text(at: "/srv/first.conf") == "new\n" && fake.files["/srv/second.conf"] == nil)
        #expect(Set(tokens.words).count == 2)
    }

    @Test func `a confirmation counts although the run was killed before it saw it`() async throws {
        try safeguard.confirm(try await dieWaiting().token, by: "anna")
        #expect(try await safeguard.recover() == nil)
        #expect(subject.texts == GuardedMachine.after && subject.leftovers == [])
    }

    @Test func `a confirmation comes too late once the changes go back`() async throws {
        var record = try await dieWaiting()
        record.isReturning = true
        try safeguard.write(record)
        #expect(throws: Failure.self) { try safeguard.confirm(record.token, by: "anna") }
        try fake.machine.files.replacePrivate("/var/lib/propel/guard/confirmation", with: Array(record.token.utf8))
        #expect(try await safeguard.recover() != nil)
        #expect(subject.texts == GuardedMachine.before)
    }

    @Test func `the machine puts back by itself what a killed run has changed`() async throws {
        _ = try await dieWaiting()
        let putBack = try await safeguard.recover()
        #expect(putBack?.changes == ["guarded /srv/old.conf", "guarded /srv/new.conf"])
        #expect(putBack?.done == ["restored /srv/new.conf", "restored /srv/old.conf", "ran reload"])
        #expect(subject.texts == GuardedMachine.before && subject.leftovers == [])
        #expect(try await safeguard.recover() == nil)
    }

    @Test func `at boot nothing waits for a unit, and no action is repeated`() async throws {
        let enable = Invocation("systemctl", ["enable", "--", "ssh.service"])
        let stop = Invocation("systemctl", ["stop", "--", "vpn.service"])
        let rules = Invocation("nft", ["--file", "-"], input: Array("delete table inet propel\n".utf8))
        fake.commands.program("nft")
        _ = try await dieWaiting(Restoration(first: [stop], commands: [enable, rules]))
        fake.inject(.powerCut, after: 0)
        try? fake.files.syncAll()
        fake.restart(seed: 1)
        fake.operations.clear()
        let putBack = try await safeguard.recover()
        #expect(
            putBack?.done == [
                "ran systemctl --no-block stop -- vpn.service", "restored /srv/new.conf", "restored /srv/old.conf",
                "ran systemctl --no-block enable -- ssh.service", "ran nft --file -",
            ])
        #expect(!fake.operations.lines.contains("reload"))
        #expect(subject.texts == GuardedMachine.before)
    }

    /// By then the services have started with the changed files.
    @Test func `a second try after a boot repeats the actions`() async throws {
        _ = try await dieWaiting(Restoration(commands: [Invocation("later", [])]))
        fake.inject(.powerCut, after: 0)
        try? fake.files.syncAll()
        fake.restart(seed: 1)
        await #expect(throws: Failure.self) { try await safeguard.recover() }
        fake.commands.program("later")
        #expect(try await safeguard.recover()?.done == ["ran later", "ran reload"])
        #expect(subject.texts == GuardedMachine.before && subject.leftovers == [])
    }

    @Test func `what is not as the change left it goes back as well, and what was not changed stays`() async throws {
        let log: FilePath = "/etc/unchanged"
        fake.files.put(log, "same\n")
        _ = try await dieWaiting(Restoration(paths: [log]))
        fake.files.put(GuardedMachine.new, "somebody else's\n")
        let before = fake.files[log]
        let putBack = try await safeguard.recover()
        #expect(putBack?.done == ["restored /srv/new.conf", "restored /srv/old.conf", "ran reload"])
        #expect(fake.files[log] == before && subject.texts == GuardedMachine.before)
    }

    @Test(arguments: [(0o644, 1000), (0o600, 0)] as [(ModeBits, UInt32)])
    func `a mode or an owner goes back though the content is the same`(_ mode: ModeBits, _ user: UInt32) async throws {
        let before = try #require(fake.files[GuardedMachine.old]?.status)
        _ = try await dieWaiting()
        fake.files.put(GuardedMachine.old, "old\n", mode: mode, owner: Owner(user: user, group: 1000))
        _ = try await safeguard.recover()
        let after = fake.files[GuardedMachine.old]?.status
        #expect(after?.mode == before.mode && after?.owner == before.owner)
    }

    @Test func `what cannot be put back is tried again`() async throws {
        _ = try await dieWaiting(Restoration(commands: [Invocation("later", [])]))
        await #expect(throws: Failure.self) { try await safeguard.recover() }
        #expect(try safeguard.record()?.isReturning == true)
        #expect(subject.texts == GuardedMachine.before, "the rest is put back")
        fake.commands.program("later")
        #expect(try await safeguard.recover()?.done == ["ran later", "ran reload"])
        #expect(subject.leftovers == [])
    }

    @Test func `a damaged record is that of nobody`() async throws {
        _ = try await dieWaiting()
        fake.files.put(GuardedMachine.record, "{\"token\":", mode: 0o600)
        #expect(throws: Failure.self) { try safeguard.confirm("", by: "anna") }
        #expect(try await safeguard.recover() != nil)
        #expect(subject.texts == GuardedMachine.before)
    }

    @Test func `nothing is armed over changes that still have to go back`() async throws {
        _ = try await dieWaiting()
        let reports = await subject.enforce(.confirmed, fake.host { GuardedFile("/srv/third.conf") })
        #expect(reports.all.map(\.status) == [.failed])
        #expect(fake.files["/srv/third.conf"] == nil)
        #expect(try safeguard.record()?.changes == ["guarded /srv/old.conf", "guarded /srv/new.conf"])
    }

    /// Otherwise no later run could arm anything.
    @Test func `what cannot be timed is not changed, and leaves nothing armed`() async throws {
        fake.commands.program("systemctl") { $0.arguments.first == "restart" ? .failing(1) : .printing() }
        let reports = await subject.enforce(.confirmed, subject.pair)
        #expect(reports.all.filter { $0.path.hasPrefix("guarded") }.map(\.status) == [.failed, .failed])
        #expect(subject.texts == GuardedMachine.before && subject.leftovers == [])
        fake.commands.program("systemctl")
        await subject.enforce(.confirmed, subject.pair)
        #expect(subject.texts == GuardedMachine.after)
    }

    @Test func `a command with input is not written into the record`() async throws {
        let host = fake.host {
            GuardedFile(GuardedMachine.old).onChange(
                Note("set") { [safeguard] machine in
                    try await machine.succeed(Invocation("reload", ["--key", "-"], input: Array("hidden".utf8)))
                    try await machine.run("reload", "plain")
                    #expect(try safeguard.record()?.repetitions.map(\.description) == ["reload plain"])
                })
        }
        #expect(await subject.enforce(.confirmed, host).all.map(\.status) == [.changed, .changed])
    }

    /// A revert writes too.
    @Test func `an original that is restored without a confirmation goes back to what was there`() async throws {
        let path = GuardedMachine.old
        try fake.machine.originals.keep(path)
        fake.files.put(path, "set\n", mode: 0o600)
        await subject.enforce(.refused(GuardedMachine.refusal), fake.host { RestoredFile(path: path) })
        #expect(subject.questions == 1 && fake.files.text(at: path) == "set\n")
        #expect(try fake.machine.originals.bytes(of: path) == Array("old\n".utf8), "it can be reverted again")
    }

    @Test func `what could not be removed of changes that stay does not count for later ones`() async throws {
        let path = GuardedMachine.old
        fake.inject(.error, afterFirst: "remove /var/lib/propel/guard/record.json")
        await subject.enforce(.confirmed, fake.host { GuardedFile(path, "first\n") })
        try #require(!subject.leftovers.isEmpty && fake.files.text(at: path) == "first\n")
        await subject.enforce(.refused(GuardedMachine.refusal), fake.host { GuardedFile(path, "second\n") })
        #expect(fake.files.text(at: path) == "first\n")
        #expect(subject.leftovers == [])
    }

    @Test func `a new directory goes back with what is in it`() async throws {
        let directory: FilePath = "/srv/new.d", file = directory.appending("a.conf")
        let host = fake.host {
            GuardedFile(GuardedMachine.old) { machine in
                try machine.originals.keep(directory)
                try machine.files.createDirectory(directory, mode: 0o755, owner: .root)
                try machine.originals.keep(file)
                try machine.files.replace(file, with: [], mode: 0o644)
            }
        }
        await subject.enforce(.refused(GuardedMachine.refusal), host)
        #expect(subject.questions == 1 && fake.files[file] == nil && fake.files[directory] == nil)
    }
}

/// A guarded change that restores an original.
private struct RestoredFile: Guarded {
    typealias Target = UnixLike

    let path: FilePath

    var name: String { "restored \(path)" }
    func check(on machine: Machine) async throws -> Check {
        try machine.originals.has(path) ? .unmet("restore it") : .satisfied
    }
    func apply(on machine: Machine) async throws { try machine.originals.restore(path) }
}
