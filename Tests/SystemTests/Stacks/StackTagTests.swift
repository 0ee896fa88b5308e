import Vocabulary
import Foundation
import Propel
import Sandbox
import Testing

/// Tags of a stack on a machine that is not a sandbox, so that git records them: what ran since when, and the rollback
/// that follows from that.
@Suite(.serialized)
struct StackTagTests {
    @Test(.machines, arguments: DebianRelease.allCases)
    func `git records what runs, and a tag is rolled back`(_ suite: DebianRelease) async throws {
        let machine = try await TestMachine.up(
            role: "trial", keys: "tag = \"1\"", suite: suite, packages: TestMachine.docker)
        try await machine.installTrial()
        try await machine.ssh("docker tag trial:1 trial:2")
        let fleet = try GitConfiguration(machine.configuration)
        let entry = """
            # The trial of ours.
            [\(machine.name)]
            role = "trial"
            address = "\(machine.sandbox.address)"
            user = "root"
            identity = "\(machine.sandbox.identityFile)"
            host-keys = ["\(machine.sandbox.hostKey)"]
            tag = "1" # the present one

            """
        try fleet.write(entry, to: "hosts.conf")
        try await fleet.makeRepository()
        let first = try await fleet.propel(machine.name)
        #expect(first.status == 0, "\(first)")

        let second = try await fleet.propel("deploy", machine.name, "--tag", "2")
        #expect(second.status == 0, "\(second)")
        #expect(try await images(machine) == ["trial:2"])
        let switched = entry.replacing("tag = \"1\"", with: "tag = \"2\"")
        #expect(try String(contentsOf: fleet.file("hosts.conf"), encoding: .utf8) == switched)

        let crashed = try await fleet.propel("deploy", machine.name, "--tag", "crash")
        #expect(crashed.status == 5, "\(crashed)")
        #expect(try await images(machine) == ["trial:2"])
        #expect(try String(contentsOf: fleet.file("hosts.conf"), encoding: .utf8) == switched)

        // Without a name: the last other one with which it was as described.
        let back = try await fleet.propel("rollback", machine.name)
        #expect(back.status == 0 && back.errors.contains("goes back from 2 to 1"), "\(back)")
        #expect(try await images(machine) == ["trial:1"])
        #expect(try String(contentsOf: fleet.file("hosts.conf"), encoding: .utf8) == entry)
        let name = machine.name
        #expect(
            try await fleet.git("log", "--format=%s", "hosts.conf")
                == "\(name): 1, was 2\n\(name): back at 2, since crash failed its health check there\n\(name): "
                + "crash, was 2\n\(name): 2, was 1\nThe first"
        )

        let history = try await fleet.propel("history", machine.name, "--json")
        let lines = try history.output.split(separator: "\n").map { try JSON(parsing: String($0)) }
        #expect(lines.map { $0["tag"] } == ["1", "crash", "2", "1"])
        #expect(lines.map { $0["result"] } == ["converged", "rolled-back", "converged", "converged"])
        let enforcer = String(try await fleet.run("sha256sum", "--", GitConfiguration.enforcer.path).prefix(64))
        #expect(lines.allSatisfy { $0["enforcer"]?.string == enforcer }, "\(history)")
        let nothing = try await fleet.propel(machine.name, "--json")
        try nothing.expectNoChange()
        try await expectARestoreOnlyTogetherWithItsVersion(machine, fleet)
    }

    /// Across a change of their format.
    private func expectARestoreOnlyTogetherWithItsVersion(
        _ machine: TestMachine, _ fleet: GitConfiguration
    ) async throws {
        let picture = "/var/lib/docker/volumes/trial_data/_data/picture"
        func tag() throws -> String { try String(contentsOf: fleet.file("hosts.conf"), encoding: .utf8) }
        try await machine.ssh("docker tag trial:1 trial:new; echo former > \(picture)")
        let forward = try await fleet.propel("deploy", machine.name, "--tag", "new")
        #expect(forward.status == 0, "\(forward)")
        try await machine.ssh("echo since > \(picture)")

        // Git does not get to know of it: then nothing happens to the data either.
        try await fleet.addRemote()
        try await fleet.git("push", "--quiet", "--set-upstream", "origin", "main")
        try fleet.hook("pre-push", "exit 1")
        let refused = try await fleet.propel("rollback", machine.name, "--restore", "--yes")
        #expect(refused.status == 1 && refused.errors.contains("push"), "\(refused)")
        #expect(try await machine.ssh("cat \(picture)") == "since")
        #expect(try await images(machine) == ["trial:new"])
        #expect(try tag().contains("tag = \"new\""))
        try FileManager.default.removeItem(at: fleet.folder.appending(path: ".git/hooks/pre-push"))

        // A version that does not do its work, with the data that it was made for: they are not for the newer one,
        // which stays away.
        let sick = try await fleet.propel("rollback", machine.name, "--to", "sick", "--restore", "--yes")
        #expect(sick.status == 1, "\(sick)")
        #expect(try await machine.ssh("cat \(picture)") == "former")
        #expect(try await machine.ssh("docker ps --format '{{.Image}}'") == "")
        #expect(try tag().contains("tag = \"sick\""))

        let back = try await fleet.propel("deploy", machine.name, "--tag", "1")
        #expect(back.status == 0, "\(back)")
        #expect(try await images(machine) == ["trial:1"])
        #expect(try await machine.ssh("cat \(picture)") == "former")
    }

    /// The images of all containers of the stack.
    private func images(_ machine: TestMachine) async throws -> Set<String> {
        Set(try await machine.ssh("docker ps --all --format '{{.Image}}'").split(separator: "\n").map(String.init))
    }
}
