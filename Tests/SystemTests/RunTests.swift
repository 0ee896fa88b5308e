import Foundation
import Propel
import Subprocess
import SystemPackage
import Testing

/// Failures during a run.
@Suite(.serialized) struct RunTests {
    @Test(.machine(role: "small")) func `a second run is told who holds the lock`() async throws {
        let machine = try TestMachine.current
        async let first = machine.configuration.propel(json: machine.name)
        try await machine.waitForRun()
        let second = try await machine.configuration.propel(json: machine.name)
        #expect(second.status == 4, "\(second)")
        let host = try #require(try second.lines.first { $0["kind"] == "host" })
        #expect(host["result"] == "locked")
        let message = try #require(host["failure"]?["message"]?.string)
        #expect(message.contains(NSUserName() + "@"))
        #expect(message.contains("since 20"))
        let answer = try await first
        #expect(answer.status == 0, "\(answer)")
    }

    @Test(.machine(role: "small")) func `of two simultaneous runs one is refused`() async throws {
        let machine = try TestMachine.current
        // Both find no enforcer there, and both upload it.
        async let first = machine.configuration.propel(json: machine.name)
        async let second = machine.configuration.propel(json: machine.name)
        let answers = try await [first, second]
        #expect(answers.map(\.status).sorted() == [0, 4], "\(answers)")
        let next = try await machine.configuration.propel(json: machine.name)
        #expect(try next.paths(.ok).count == next.properties.count, "\(next)")
    }

    @Test(.machine(role: "small")) func `a killed enforcer is reported, and the next run finishes`() async throws {
        let machine = try TestMachine.current
        async let first = machine.configuration.propel(json: machine.name)
        try await machine.waitForProgram("apt-get")
        // What it has started goes on beside nothing else.
        try await machine.ssh("pkill -STOP apt-get && pkill -KILL -f 'propel-enforce detached'")
        let answer = try await first
        #expect(answer.status == 1, "\(answer)")
        let host = try #require(try answer.lines.first { $0["kind"] == "host" })
        #expect(host["failure"]?["message"]?.string?.contains("ended unexpectedly") == true, "\(answer)")
        #expect(host["failure"]?["ending"] == "ended by signal 9")

        async let next = machine.configuration.propel(json: machine.name)
        try await eventually("the next run waits for it") {
            try await machine.ssh("cat /var/lib/propel/runs/*/journal").contains(
                "waiting for its orphaned processes")
        }
        try await machine.ssh("pkill -CONT apt-get")
        let second = try await next
        #expect(second.status == 0, "\(second)")
        let third = try await machine.configuration.propel(json: machine.name)
        #expect(try third.paths(.ok).count == third.properties.count, "\(third)")
    }

    @Test(.machine(role: "small")) func `Ctrl-C ends the running program and releases the lock`() async throws {
        let machine = try TestMachine.current
        let propel = try BackgroundProgram(
            machine.configuration.program, [machine.name], in: machine.configuration.folder)
        try await machine.waitForProgram("apt-get")
        propel.send(SIGINT)
        #expect(try await propel.status() == 130)
        #expect(try await machine.ssh("pgrep -c apt-get || true") == "0")
        let next = try await machine.configuration.propel(json: machine.name)
        #expect(next.status == 0, "\(next)")
    }

    @Test(.machine(role: "small")) func `a run is joined by a second process, listed, and shown again`() async throws {
        let machine = try TestMachine.current
        let configuration = machine.configuration
        async let first = configuration.propel(json: machine.name)
        try await machine.waitForProgram("apt-get")
        let leaver = try BackgroundProgram(configuration.program, ["attach", machine.name], in: configuration.folder)
        async let joined = configuration.propel(["attach", machine.name, "--json"])
        try await eventually("both have asked the machine") {
            try await machine.ssh("pgrep -c -f 'enforcers/[0-9a-f]* ask' || true") == "2"
        }
        leaver.send(SIGINT)
        #expect(try await leaver.status() == 130)
        let (answer, attached) = try await (first, joined)
        #expect(answer.status == 0 && attached.status == 0, "\(answer) \(attached)")
        #expect(try attached.statuses == answer.statuses)

        let nothing = try await configuration.propel(["attach", machine.name])
        #expect(nothing.status == 64 && nothing.errors.contains("propel log \(machine.name)"), "\(nothing)")
        let runs = try await configuration.propel(["runs", machine.name, "--json"])
        let run = try #require(try runs.lines.first, "\(runs)")
        #expect(run["result"] == "converged" && run["deployer"]?.string?.hasPrefix(NSUserName() + "@") == true)
        let log = try await configuration.propel(["log", machine.name, run["run"]?.string ?? "", "--json"])
        #expect(try log.status == 0 && log.statuses == answer.statuses, "\(log)")
    }

    @Test(.machine(role: "small")) func `the run continues when its viewer is killed`() async throws {
        let machine = try TestMachine.current
        let propel = try BackgroundProgram(
            machine.configuration.program, [machine.name], in: machine.configuration.folder)
        try await machine.waitForProgram("apt-get")
        propel.send(SIGKILL)
        _ = try await propel.status()
        try await expectTheRunEndsByItself(machine)
    }

    private func expectLostLink(_ answer: Answer) throws {
        #expect(answer.status == 3, "\(answer)")
        let host = try #require(try answer.lines.first { $0["kind"] == "host" })
        #expect(host["failure"]?["message"]?.string?.contains("the connection was lost") == true, "\(answer)")
        #expect(
            host["failure"]?["advice"]?.string?.contains("The run continues on the machine") == true, "\(answer)")
    }

    /// And leaves nothing to do for the next one.
    private func expectTheRunEndsByItself(_ machine: TestMachine) async throws {
        try await eventually("the run has ended by itself") {
            try await machine.ssh("tail -n 1 /var/lib/propel/runs/*/journal").contains("\"kind\":\"ended\"")
        }
        let next = try await machine.configuration.propel(json: machine.name)
        #expect(try next.paths(.ok).count == next.properties.count, "\(next)")
    }

    /// The enforcer that shows the run is killed on the machine, and the run is not.
    @Test(.machine(role: "small"))
    func `a viewer that is killed on the machine is a lost link, and the run is joined again`() async throws {
        let machine = try TestMachine.current
        async let first = machine.configuration.propel(json: machine.name)
        try await machine.waitForProgram("apt-get")
        try await machine.ssh("pkill -KILL -f 'enforcers/[0-9a-f]* enforce'")
        let answer = try await first
        #expect(answer.status == 0, "\(answer)")
        #expect(answer.errors.contains("connecting again"), "\(answer)")
        let paths = try answer.properties.map(\.path)
        #expect(Set(paths).count == paths.count, "nothing is told twice: \(answer)")
        try await expectTheRunEndsByItself(machine)
    }

    @Test(.machine(role: "small")) func `a machine that stays away is reported, and the run continues`() async throws {
        let machine = try TestMachine.current
        let cable = try await Cable(of: machine)
        async let first = machine.configuration.propel(json: machine.name, "--wait", "5s")
        try await machine.waitForProgram("apt-get")
        try await cable.pull()
        let answer: Answer
        do {
            answer = try await first
            try await cable.plug()
        } catch {
            try await cable.plug()
            throw error
        }
        try expectLostLink(answer)
        #expect(answer.output.contains("not reached again within 5 seconds"), "\(answer)")
        try await eventually("the run has ended by itself") {
            // The first attempts may still find no way to the machine.
            let last = try? await machine.ssh("tail -n 1 /var/lib/propel/runs/*/journal")
            return last?.contains("\"kind\":\"ended\"") == true
        }
        // apt had no network either for that while, so something may be left to do.
        let next = try await machine.configuration.propel(json: machine.name)
        #expect(next.status == 0, "\(next)")
    }

    @Test(.machine(with: "packages = [\"no-such-package\"]\n")) func `a package that does not exist fails alone`()
        async throws
    {
        let machine = try TestMachine.current
        let answer = try await machine.configuration.propel(json: machine.name)
        #expect(answer.status == 1)
        #expect(try answer.paths(.failed) == ["apt: no-such-package"], "\(answer)")
        let failed = try #require(try answer.properties.first { $0.status == .failed })
        #expect(failed.failure?.message.contains("no-such-package") == true)
        #expect(failed.failure?.advice?.isEmpty == false)
        #expect(failed.place?.hasPrefix("Sources/Hosts/Demo.swift:") == true)
        #expect(try answer.paths(.skipped).isEmpty)
        #expect(try await machine.ssh("docker info --format ok") == "ok")
    }

    @Test(.machine(role: "small")) func `a full disk is reported and loses nothing`() async throws {
        let machine = try TestMachine.current
        // No room for the enforcer itself.
        try await machine.ssh("mkdir -p /var/lib/propel && mount -t tmpfs -o size=1m tmpfs /var/lib/propel")
        let upload = try await machine.configuration.propel(json: machine.name)
        #expect(upload.status == 1)
        #expect(upload.output.contains("no space left"), "\(upload)")
        try await machine.ssh("umount /var/lib/propel")
        #expect(try await machine.configuration.propel(machine.name).status == 0)

        // No room for a file that it writes.
        try await machine.ssh(
            "cp -a /etc/sudoers.d /root/kept && mount -t tmpfs -o size=8k,mode=750 tmpfs /etc/sudoers.d && head "
                + "-c 8192 /dev/zero > /etc/sudoers.d/README || true"
        )
        let full = try await machine.configuration.propel(json: machine.name)
        #expect(full.status == 1, "\(full)")
        let failed = try full.properties.filter { $0.status == .failed }
        #expect(failed.count == 1, "\(full)")
        #expect(failed.first?.failure?.message.contains("No space left on device") == true, "\(failed)")
        #expect(try await machine.ssh("ls -A /etc/sudoers.d") == "README", "no half-written file is left")
        try await machine.ssh("umount /etc/sudoers.d")
        let after = try await machine.configuration.propel(json: machine.name)
        #expect(try after.paths(.ok).count == after.properties.count, "\(after)")
    }

    @Test(.machine(role: "small")) func `a changed host key is an error, and nothing runs`() async throws {
        let machine = try TestMachine.current
        let other = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"
        try machine.describeByAddress(user: "root", hostKey: other)
        let answer = try await machine.configuration.propel(machine.name, "--no-commit")
        #expect(answer.status == 3)
        #expect(answer.output.contains("THE HOST KEY HAS CHANGED"), "\(answer)")
        #expect(try await machine.ssh("ls /var/lib/propel 2>/dev/null | wc -l") == "0")
    }
}

extension TestMachine {
    /// Waits until a run holds the lock.
    fileprivate func waitForRun() async throws {
        try await eventually("a run holds the lock") {
            try await ssh("test -e /var/lib/propel/lock && ! flock -n /var/lib/propel/lock true && echo held || true")
                == "held"
        }
    }

    /// Waits until a run has started a program.
    fileprivate func waitForProgram(_ name: String) async throws {
        try await eventually("\(name) is running") {
            try await ssh("pgrep -x \(name) > /dev/null && echo yes || true") == "yes"
        }
    }
}

/// The network link of a sandbox.
private struct Cable {
    private let name: String

    init(of machine: TestMachine) async throws {
        let index = try await machine.ssh("cat /sys/class/net/host0/iflink")
        let folder = "/sys/class/net"
        let name = try FileManager.default.contentsOfDirectory(atPath: folder).first { name in
            (try? String(contentsOfFile: "\(folder)/\(name)/ifindex", encoding: .utf8))?.trimmingCharacters(
                in: .newlines) == index
        }
        guard let name else { throw Unexpected("no cable with the number \(index)") }
        self.name = name
    }

    func pull() async throws { try await set("down") }
    func plug() async throws { try await set("up") }

    private func set(_ state: String) async throws {
        let status = try await Subprocess.run(
            .name("ip"), arguments: ["link", "set", "dev", name, state], output: .discarded, error: .discarded
        ).terminationStatus
        guard status.isSuccess else { throw Unexpected("ip link set dev \(name) \(state): \(status)") }
    }
}

/// A program that runs in the background.
private final class BackgroundProgram: Sendable {
    private let process: pid_t

    init(_ program: FilePath, _ arguments: [String], in folder: URL) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        // env executes the program in its own place: it is the one that gets the signals.
        let line = ["env", "--chdir=\(folder.path)", program.string] + arguments
        let words: [UnsafeMutablePointer<CChar>?] = line.map { word in strdup(word) } + [nil]
        defer { words.forEach { free($0) } }
        var process = pid_t()
        let result = posix_spawn(&process, "/usr/bin/env", &actions, nil, words, environ)
        guard result == 0 else { throw Unexpected("cannot start \(program)") }
        self.process = process
    }

    func send(_ signal: Int32) { kill(process, signal) }

    /// Waits for the end; returns the exit status, or 128 plus the signal.
    func status() async throws -> Int32 {
        var status: Int32 = 0
        try await eventually("the program has ended") { waitpid(process, &status, WNOHANG) != 0 }
        let signal = status & 0x7F
        return signal == 0 ? status >> 8 & 0xFF : 128 + signal
    }
}
