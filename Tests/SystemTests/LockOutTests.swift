import Foundation
import Propel
import Testing

/// Changes that cut off the person who deploys. Each time the machine is reachable again by itself.
@Suite(.serialized) struct LockOutTests {
    private struct Loss {
        var change: String
        /// The path of the property.
        var path: String
        /// What the report says of the proof that failed.
        var proof: String
    }

    private static let losses = [
        Loss(change: "denied", path: "access/file /etc/ssh/sshd_config.d/10-test.conf", proof: "can log in"),
        Loss(change: "forgotten", path: "access/file /etc/sudoers.d/deploy", proof: "cannot become root"),
        Loss(change: "password", path: "access/file /etc/sudoers.d/zz-later", proof: "cannot become root"),
        Loss(change: "removed", path: "access/no deploy", proof: "can log in"),
        Loss(change: "port", path: "access/file /etc/ssh/sshd_config.d/10-test.conf", proof: "reaches the machine"),
        Loss(change: "firewall", path: "access/file /etc/nftables.conf", proof: "reaches the machine"),
    ]

    @Test(.machine(role: "access")) func `what cuts off the deployer is put back, and the report says why`()
        async throws
    {
        let machine = try TestMachine.current
        try await machine.prepareDeployer()
        for loss in Self.losses {
            try machine.describeAccess(loss.change)
            let run = try await machine.configuration.propel(json: machine.name, "--no-commit")
            #expect(run.status == 5, "\(loss.change): \(run)")
            let failure = try run.properties.first { $0.path == loss.path }?.failure
            #expect(failure?.isPutBack == true, "\(loss.change): \(run)")
            #expect(failure?.message.contains(loss.proof) == true, "\(loss.change): \(run)")
            #expect(failure?.output.isEmpty == false, "\(loss.change): \(run)")
            let statuses = try run.statuses
            #expect(statuses["file /srv/dependent"] == .skipped, "\(loss.change): \(run)")
            #expect(statuses["file /srv/independent"] == .changed, "\(loss.change): \(run)")
            try await machine.expectPutBack(loss.change, loss.path)
        }
    }

    /// The connection of the run is lost too, so that nobody hears its end.
    @Test(.machine(role: "access")) func `a machine with another address comes back to its own`() async throws {
        let machine = try TestMachine.current
        try await machine.prepareDeployer()
        let file = "/etc/systemd/network/10-host0.network", before = try await machine.ssh("cat \(file)")
        let other = before.replacing("Address=\(machine.sandbox.address)/", with: "Address=198.51.100.7/")
        #expect(other != before)
        try machine.describeAccess("network", network: other + "\n")
        let run = try await machine.configuration.propel(json: machine.name, "--no-commit")
        #expect([3, 5].contains(run.status), "\(run)")
        try await machine.expectPutBack("network", "access/file \(file)")
        #expect(try await machine.ssh("cat \(file)") == before)
    }

    @Test(.machine(role: "access")) func `a run that is killed, and a reboot, are failures to confirm`() async throws {
        let machine = try TestMachine.current
        try await machine.prepareDeployer()
        for change in ["killed", "rebooted"] {
            try machine.describeAccess(change)
            let run = try await machine.configuration.propel(json: machine.name, "--no-commit")
            // After the reboot the run is joined again, and found dead.
            #expect(run.status == 1, "\(change): \(run)")
            try await machine.expectPutBack(change, "access/file /etc/ssh/sshd_config.d/10-test.conf")
        }
    }

    @Test(.machine(role: "access")) func `a restart is confirmed by the run that goes on after it`() async throws {
        let machine = try TestMachine.current
        try await machine.prepareDeployer()
        try machine.describeAccess("restarted")
        let started = "systemctl show --property=UserspaceTimestampMonotonic --value"
        let before = try await machine.ssh(started)
        let run = try await machine.configuration.propel(json: machine.name, "--no-commit")
        #expect(run.status == 0, "\(run)")
        #expect(try run.statuses["file /srv/dependent"] == .changed, "\(run)")
        #expect(try await machine.ssh(started) != before)
        try await machine.expectNothingIsLeftOfTheGuard("restarted")
        #expect(try await machine.configuration.propel("plan", machine.name).status == 0)
    }

    @Test(.machine(role: "access")) func `a change that cuts nobody off is confirmed by one more login`() async throws {
        let machine = try TestMachine.current
        try await machine.prepareDeployer()
        try machine.describeAccess("harmless")
        let count = "journalctl --quiet --unit=ssh --grep='^Accepted .* for deploy' | wc -l"
        let before = try #require(Int(try await machine.ssh(count)))
        let run = try await machine.configuration.propel(json: machine.name, "--no-commit")
        #expect(run.status == 0, "\(run)")
        #expect(try await machine.ssh(count) == String(before + 2))
        try await machine.expectNothingIsLeftOfTheGuard("harmless")
        #expect(try await machine.configuration.propel("plan", machine.name).status == 0)
        let again = try await machine.configuration.propel(json: machine.name, "--no-commit")
        #expect(again.status == 0, "\(again)")
        #expect(try await machine.ssh(count) == String(before + 4), "the plan and the run log in once each")
        try await machine.expectToGoTogether()
    }
}

extension TestMachine {
    /// Makes a user who logs in with the machine's key and becomes root with sudo, without a password.
    fileprivate func prepareDeployer() async throws {
        try await ssh(
            """
            apt-get -qq update && apt-get -qq install -y sudo nftables > /dev/null 2>&1
            useradd -m -s /bin/bash deploy && echo 'deploy ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/deploy
            chmod 440 /etc/sudoers.d/deploy
            mkdir -m 700 ~deploy/.ssh && cp ~/.ssh/authorized_keys ~deploy/.ssh/ && chown -R deploy: ~deploy/.ssh
            """)
    }

    /// Describes the machine by its address, with a change of the role `access`.
    fileprivate func describeAccess(_ change: String, network: String = "") throws {
        let text = network.replacing("\n", with: "\\n")
        try describeByAddress(
            role: "access", user: "deploy", become: "sudo", keys: "change = \"\(change)\"\nnetwork = \"\(text)\"")
    }

    /// A confirmed change goes back where another host of its wave cannot be reached, and stays where all converge.
    fileprivate func expectToGoTogether() async throws {
        let file = "/etc/ssh/sshd_config.d/10-test.conf", gone = "gone.example.com"
        try await ssh("rm \(file) /srv/independent")
        try describeAccess("harmless")
        let conf = configuration.folder.appending(path: "hosts.conf")
        let entry = try String(contentsOf: conf, encoding: .utf8)
        // Nobody listens on this port.
        let other = entry.replacing("[\(name)]", with: "[\"\(gone)\"]")
            .replacing("address = \"\(sandbox.address)\"", with: "address = \"127.0.0.1\"")
            .replacing("port = 22", with: "port = 1")
        try configuration.write(hosts: entry + other)
        let run = try await configuration.propel(json: name, gone, "--together", "--no-commit")
        #expect(run.status == 5, "\(run)")
        let failure = try run.properties.last { $0.path == "access/file \(file)" }?.failure
        #expect(failure?.message == "put back, since \(gone) cannot be reached", "\(run)")
        #expect(failure?.isPutBack == true && failure?.output.contains("restored \(file)") == true, "\(run)")
        #expect(run.output.contains("only stacks and guarded changes can be: file /srv/independent"), "\(run)")
        try await expectPutBack("together", "access/file \(file)")

        try configuration.write(hosts: entry)
        let alone = try await configuration.propel(json: name, "--together", "--no-commit")
        #expect(alone.status == 0, "\(alone)")
        #expect(try alone.statuses["access/file \(file)"] == .changed, "\(alone)")
        try await expectNothingIsLeftOfTheGuard("together")
        #expect(try await configuration.propel("plan", name).status == 0)
    }

    /// The deployer comes in again by itself, and a plan says what the change would be.
    fileprivate func expectPutBack(_ change: String, _ path: String) async throws {
        var last: Answer?
        try await eventually("the machine is reachable again after \(change)") {
            let plan = try await configuration.propel(json: "plan", name)
            last = plan
            // The machine may still be putting things back.
            return try plan.status == 2 && plan.paths(.wouldChange).contains(path)
        }
        #expect(last?.status == 2, "\(String(describing: last))")
        try await expectNothingIsLeftOfTheGuard(change)
    }

    func expectNothingIsLeftOfTheGuard(_ change: String) async throws {
        try await eventually("nothing is left of the guard after \(change)") {
            try await ssh(
                """
                ls -d /var/lib/propel/guard /etc/systemd/system/propel-guard.* \
                    /etc/systemd/system/*.wants/propel-guard.* 2> /dev/null | wc -l
                """) == "0"
        }
    }
}
