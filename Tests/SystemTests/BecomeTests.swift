import Propel
import Testing

/// Becoming root with the real sudo and the real doas.
@Suite(.serialized)
struct BecomeTests {
    @Test(.machine()) func `sudo asks for the password once, and a wrong password is reported`() async throws {
        let machine = try TestMachine.current
        try await machine.prepareDeployer(with: "sudo")
        try machine.describeByAddress(user: "deploy", become: "sudo")
        try await machine.expectWrongPasswordsAreReported("sudo")

        let hasty = try machine.configuration.propelAtTerminal("plan", machine.name)
        try await hasty.expect("Password of")
        hasty.typeControlC()
        let interrupted = try await hasty.end()
        #expect(interrupted.status == 130, "\(interrupted)")
        #expect(interrupted.isEchoing, "\(interrupted)")

        // Once, although the enforcer is uploaded with sudo before it is started with sudo.
        try await machine.ssh("rm -rf /var/lib/propel")
        try await machine.expectOnePromptForTheRightPassword()

        let nobody = try await machine.configuration.propel("plan", machine.name)
        #expect(nobody.status != 0 && nobody.status != 2)
        #expect(nobody.output.contains("no terminal to ask at"), "\(nobody)")

        // Passwordless sudo needs nobody.
        try await machine.ssh("echo 'deploy ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/deploy")
        let run = try await machine.configuration.propel(json: machine.name, "--no-commit")
        #expect(run.status == 0, "\(run)")
    }

    @Test(.machine()) func `doas asks on its own terminal`() async throws {
        let machine = try TestMachine.current
        try await machine.prepareDeployer(with: "opendoas")
        try await machine.ssh("echo 'permit deploy as root' > /etc/doas.conf && chmod 600 /etc/doas.conf")
        try machine.describeByAddress(user: "deploy", become: "doas")
        try await machine.expectWrongPasswordsAreReported("doas")
        try await machine.expectOnePromptForTheRightPassword()

        // Passwordless doas needs nobody.
        try await machine.ssh("echo 'permit nopass deploy as root' > /etc/doas.conf")
        let plan = try await machine.configuration.propel(json: "plan", machine.name)
        #expect(plan.status == 2, "\(plan)")
        #expect(try plan.paths(.wouldChange).contains("file /etc/motd"), "\(plan)")
    }
}

extension TestMachine {
    /// Three of them end a plan.
    fileprivate func expectWrongPasswordsAreReported(_ command: String) async throws {
        let clumsy = try configuration.propelAtTerminal("plan", name)
        for _ in 1...3 {
            try await clumsy.expect("Password of deploy@\(sandbox.address) for \(command): ")
            clumsy.type("wrong\n")
        }
        let wrong = try await clumsy.end()
        #expect(wrong.status == 1, "\(wrong)")
        #expect(wrong.count(of: "Password of") == 3, "\(wrong)")
        #expect(wrong.output.contains("wrong password for \(command) as deploy"), "\(wrong)")
    }

    fileprivate func expectOnePromptForTheRightPassword() async throws {
        let careful = try configuration.propelAtTerminal("plan", name)
        try await careful.expect("Password of")
        careful.type("correct\n")
        let right = try await careful.end()
        #expect(right.status == 2, "\(right)")
        #expect(right.count(of: "Password of") == 1, "\(right)")
        #expect(right.output.contains("would change"), "\(right)")
        #expect(!right.output.contains("correct"), "the password is not echoed")
        #expect(right.isEchoing, "\(right)")
    }

    /// Creates a user who logs in with the machine's key and has the password `correct`, and installs the program to
    /// become root with.
    fileprivate func prepareDeployer(with package: String) async throws {
        try await ssh(
            """
            apt-get -qq update && apt-get -qq install -y \(package) > /dev/null 2>&1
            useradd -m -s /bin/bash -G sudo deploy && echo deploy:correct | chpasswd
            mkdir -m 700 ~deploy/.ssh && cp ~/.ssh/authorized_keys ~deploy/.ssh/ && chown -R deploy: ~deploy/.ssh
            """)
    }
}
