import Foundation
import Subprocess
import Testing

/// The terminal as a user sees it and types at it.
@Suite(.serialized)
struct TerminalTests {
    @Test(.machine()) func `a plan is shown live and can be interrupted`() async throws {
        let machine = try TestMachine.current
        try await machine.holdChecks()

        // Ctrl-C in the middle of a check that hangs.
        let stopped = try machine.configuration.propelAtTerminal("plan", machine.name)
        try await stopped.expect("\(machine.name) 0/")
        try await stopped.expect("checking")
        try await machine.waitUntilHeld()
        stopped.typeControlC()
        try await stopped.expect("Stopping")
        try await stopped.expect("interrupted")
        let interrupted = try await stopped.end()
        #expect(interrupted.status == 130, "\(interrupted)")
        try await eventually("neither the plan nor what it has started is left") {
            try await machine.ssh(
                "find /proc -maxdepth 2 -name exe -lname '/var/lib/propel/*' 2>/dev/null; pgrep -f '^/bin/bash "
                    + "/usr/local/sbin' || true"
            ) == ""
        }

        // Live lines, and the table in their place.
        try await machine.ssh("rm /run/held")
        let colored = try machine.configuration.propelAtTerminal("plan", machine.name)
        try await colored.expect("⠋ \(machine.name)")
        try await machine.waitUntilHeld()
        try await machine.releaseChecks()
        try await colored.expect("would change")
        let plan = try await colored.end()
        #expect(plan.status == 2, "\(plan)")
        #expect(plan.lastLines.contains { $0.contains("host") && $0.contains("result") }, "\(plan.lastLines)")
        #expect(!plan.lastLines.contains { $0.contains("checking") }, "the live line is gone: \(plan.lastLines)")
        #expect(plan.output.contains(#/\u{1B}\[[0-9;]*m/#), "\(plan)")
        #expect(
            plan.output.components(separatedBy: "\u{1B}[?25").last?.hasPrefix("h") == true, "the cursor is back")

        let plain = try await machine.configuration.propelAtTerminal(
            "plan", machine.name, environment: ["NO_COLOR": "1"]
        ).end()
        #expect(plain.status == 2, "\(plain)")
        #expect(!plain.output.contains(#/\u{1B}\[[0-9;]*m/#), "\(plain)")

        let dumb = try await machine.configuration.propelAtTerminal(
            "plan", machine.name, environment: ["TERM": "dumb"]
        ).end()
        #expect(dumb.status == 2, "\(dumb)")
        #expect(!dumb.output.contains("\u{1B}"), "\(dumb)")
        #expect(dumb.output.contains("would change"))
        try await expectAQuestionAtControlC(machine)
    }

    /// Back, leave it going; and stop it from another terminal.
    private func expectAQuestionAtControlC(_ machine: TestMachine) async throws {
        try await machine.ssh("rm -f /run/held")
        try await machine.holdChecks()
        let run = try machine.configuration.propelAtTerminal(machine.name)
        try await machine.waitUntilHeld()
        run.typeControlC()
        try await run.expect("[stop/leave/back]")
        run.type("back\n")
        try await run.expect("checking")
        run.typeControlC()
        try await run.expect("[stop/leave/back]")
        run.type("l\n")
        try await run.expect("Left: the run on \(machine.name) goes on")
        let left = try await run.end()
        #expect(left.status == 130 && left.output.contains("propel attach \(machine.name)"), "\(left)")

        let attached = try machine.configuration.propelAtTerminal("attach", machine.name)
        try await attached.expect("checking")
        attached.typeControlC()
        try await attached.expect("[stop/leave/back]")
        attached.type("stop\n")
        try await attached.expect("Stopping")
        let stopped = try await attached.end()
        #expect(stopped.status == 130, "\(stopped)")
        try await machine.waitForNoRun()
        #expect(
            try await machine.ssh("tail -n 1 \"$(ls -d /var/lib/propel/runs/*/journal | tail -n 1)\"").contains(
                "\"interrupted\":true"))
    }

    @Test(.machine()) func `questions before the run can be declined`() async throws {
        let machine = try TestMachine.current
        let folder = machine.configuration.folder
        // Another home, without any known host.
        let home = folder.appending(path: "home"), key = folder.appending(path: "locked")
        try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
        _ = try await Subprocess.run(
            .name("ssh-keygen"), arguments: ["-q", "-t", "ed25519", "-N", "open sesame", "-f", key.path],
            output: .discarded,
            error: .discarded)
        try await machine.ssh(
            "echo '\(try String(contentsOf: key.appendingPathExtension("pub"), encoding: .utf8))' >> "
                + "~/.ssh/authorized_keys"
        )
        let entry = """
            [\(machine.name)]
            role = "demo"
            address = "\(machine.sandbox.address)"
            user = "root"
            identity = "\(key.path)"

            """
        let environment: [String: String?] = [
            "HOME": home.path, "CFFIXED_USER_HOME": home.path, "SSH_AUTH_SOCK": nil,
        ]

        // The host key is not known.
        try machine.configuration.write(hosts: entry)
        let unknown = try machine.configuration.propelAtTerminal(
            machine.name, "--no-commit", environment: environment)
        try await unknown.expect("SHA256:")
        try await unknown.expect("Is this the right machine? [yes/no] ")
        unknown.type("perhaps\n")
        try await unknown.expect("[yes/no] ")
        unknown.type("no\n")
        let declined = try await unknown.end()
        #expect(declined.status == 3, "\(declined)")
        #expect(declined.count(of: "SHA256:\(try await machine.fingerprint())") >= 1, "\(declined)")

        // The private key wants a passphrase.
        try machine.configuration.write(hosts: entry + "host-keys = [\"\(machine.sandbox.hostKey)\"]\n")
        let login = try machine.configuration.propelAtTerminal(
            machine.name, "--no-commit", environment: environment)
        try await login.expect("Passphrase of")
        login.type("half a passphr")
        login.typeControlC()
        let interrupted = try await login.end()
        #expect(interrupted.status == 130, "\(interrupted)")
        #expect(interrupted.isEchoing, "\(interrupted)")
        #expect(!interrupted.output.contains("half a passphr"))

        let ended = try machine.configuration.propelAtTerminal(
            machine.name, "--no-commit", environment: environment)
        try await ended.expect("Passphrase of")
        ended.typeControlD()
        let declinedToo = try await ended.end()
        #expect(declinedToo.status == 130, "\(declinedToo)")
        #expect(declinedToo.isEchoing, "\(declinedToo)")

        #expect(
            try await machine.ssh("ls /var/lib/propel 2>/dev/null | wc -l") == "0",
            "nothing has come to the machine")

        let opened = try machine.configuration.propelAtTerminal("plan", machine.name, environment: environment)
        try await opened.expect("Passphrase of")
        opened.type("open sesame\n")
        let plan = try await opened.end()
        #expect(plan.status == 2, "\(plan)")
        #expect(!plan.output.contains("sesame"), "the passphrase is not echoed")
    }
}

extension Answer {
    /// The lines on the screen at the end, below the last live line that was erased.
    fileprivate var lastLines: [Substring] {
        output.components(separatedBy: "\u{1B}[2K").last?.split(separator: "\r\n") ?? []
    }
}

extension TestMachine {
    /// Makes the checks that ask systemd wait.
    fileprivate func holdChecks() async throws {
        try await ssh(
            """
            touch /run/hold
            cat > /usr/local/sbin/systemctl <<'END'
            #!/bin/bash
            while [ -e /run/hold ]; do touch /run/held; sleep 0.1; done
            exec /usr/bin/systemctl "$@"
            END
            chmod 755 /usr/local/sbin/systemctl
            """)
    }

    /// Waits until a check is held.
    fileprivate func waitUntilHeld() async throws {
        try await eventually("a check is held") { try await ssh("test -e /run/held && echo yes || true") == "yes" }
    }

    fileprivate func releaseChecks() async throws { try await ssh("rm /run/hold") }

    /// The SHA-256 fingerprint of the machine's host key, without its prefix.
    fileprivate func fingerprint() async throws -> String {
        let line = try await ssh("ssh-keygen -l -f /etc/ssh/ssh_host_ed25519_key.pub")
        return String(line.split(separator: " ")[1]).replacing("SHA256:", with: "")
    }
}
