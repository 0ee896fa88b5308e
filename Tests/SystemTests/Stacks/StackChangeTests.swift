import Vocabulary
import Foundation
import Propel
import PropelTesting
import Sandbox
import Testing

/// Changes of a stack that get in their own way: ports and volumes that move, images that change under their names,
/// networks of another kind, containers that end. With both versions of compose that Debian has.
@Suite(.serialized)
struct StackChangeTests {
    @Test(.machines, arguments: DebianRelease.allCases)
    func `ports, volumes and networks move between containers`(_ suite: DebianRelease) async throws {
        let machine = try await TestMachine.up(
            role: "trial", keys: "tag = \"1\"", suite: suite, packages: TestMachine.docker)
        try await machine.installTrial()
        try await expectTheMigrationEndsFirst(machine)
        try await expectPortAndVolumeMove(machine)
        try await expectMovedPartsAreRestored(machine)
        try await expectTheImageOfTheSameNameIsRestored(machine)
        try await expectANetworkBecomesInternal(machine)
        try await expectARenamedVolumeIsReportedAndBackedUp(machine)
    }

    private func deploy(_ machine: TestMachine, _ keys: String) async throws -> Answer {
        try machine.describe(role: "trial", keys: keys)
        return try await machine.configuration.propel(json: machine.name)
    }

    /// A field of each container, by its name in the stack.
    private func inspect(_ machine: TestMachine, _ field: String) async throws -> [String: String] {
        let format = #"{{index .Config.Labels "com.docker.compose.service"}} {{\#(field)}}"#
        let lines = try await machine.ssh(
            "docker ps --all --quiet --filter label=com.docker.compose.project=trial | xargs docker inspect "
                + "--format '\(format)'"
        )
        return Dictionary(
            uniqueKeysWithValues: lines.split(separator: "\n").map { line in
                let words = line.split(separator: " ", maxSplits: 1).map(String.init)
                return (words[0], words.count > 1 ? words[1] : "")
            })
    }

    private func expectServed(_ machine: TestMachine, by name: String) async throws {
        do {
            #expect(try await machine.ssh("curl --silent --show-error --max-time 5 http://127.0.0.1:8080/") == name)
        } catch {
            let circumstances = try await machine.ssh(
                "docker ps --all --no-trunc; ss --tcp --listening --processes --numeric; journalctl --unit docker "
                    + "--no-pager --lines 60"
            )
            throw Unexpected("\(error)\n\(circumstances)")
        }
    }

    private func expectTheMigrationEndsFirst(_ machine: TestMachine) async throws {
        let first = try await deploy(machine, "tag = \"1\"")
        #expect(first.status == 0, "\(first)")
        // What serves ends at once where the migration has not: it would have been started again.
        let restarts = try await inspect(machine, ".RestartCount")
        #expect(restarts == ["migrate": "0", "left": "0", "right": "0"])
        #expect(
            try await inspect(machine, ".State.Status") == ["migrate": "exited", "left": "running", "right": "running"])
        #expect(try await machine.ssh("cd /srv/trial && docker-compose config --quiet 2>&1") == "")
        #expect(
            try await machine.ssh("wc --lines < /var/lib/docker/volumes/trial_state/_data/migrated") == "1",
            "it was done twice")
        try await expectServed(machine, by: "left")
        try await machine.expectNothingToDo()
    }

    private func expectPortAndVolumeMove(_ machine: TestMachine) async throws {
        let before = try await inspect(machine, ".State.StartedAt")
        let moved = try await deploy(machine, "tag = \"1\"\npublished = \"right\"\nvolume = \"right\"")
        #expect(moved.status == 0, "\(moved)")
        try await expectServed(machine, by: "right")
        #expect(try await machine.ssh("ls /var/lib/docker/volumes/trial_data/_data") == "lock", "two had it at once")
        // The migration did not change, and is not done again.
        #expect(try await inspect(machine, ".State.StartedAt")["migrate"] == before["migrate"])
        try await machine.expectNothingToDo()
    }

    /// A version that ends again and again, without a health check. The migration of the one before does not take
    /// what that has done.
    private func expectMovedPartsAreRestored(_ machine: TestMachine) async throws {
        let crashed = try await deploy(machine, "tag = \"crash\"")
        #expect(crashed.status == 5, "\(crashed)")
        #expect(
            crashed.output.contains("rolled back to the version of") && crashed.output.contains("it crashes"),
            "\(crashed)")
        #expect(crashed.output.contains("migrate did not succeed on the data again"), "\(crashed)")
        #expect(try await inspect(machine, ".State.ExitCode")["migrate"] == "4")
        try await expectServed(machine, by: "right")
        #expect(try await machine.ssh("ls /var/lib/docker/volumes/trial_data/_data") == "lock", "two had it at once")
        try machine.describe(role: "trial", keys: "tag = \"1\"\npublished = \"right\"\nvolume = \"right\"")
        try await machine.expectNothingToDo()
    }

    private func expectTheImageOfTheSameNameIsRestored(_ machine: TestMachine) async throws {
        let images = try await inspect(machine, ".Image")
        try await machine.ssh("docker image tag trial:sick trial:1 && docker image rm trial:sick")
        for _ in 1...2 {
            let sick = try await machine.configuration.propel(json: machine.name)
            #expect(sick.status == 5, "\(sick)")
            #expect(
                sick.output.contains("migrate of trial failed: Exited (3)")
                    && sick.output.contains("migrating with sick"), "\(sick)")
            #expect(try await inspect(machine, ".Image") == images)
            try await expectServed(machine, by: "right")
            // The former one is not called the one that is wanted.
            let plan = try await machine.configuration.propel(json: "plan", machine.name)
            #expect(try plan.paths(.wouldChange).contains("trial/containers of trial"), "\(plan)")
            // Nor is it lost when somebody tidies up.
            try await machine.ssh("docker image prune --force")
        }
        try await machine.ssh(
            "docker image rm propel.localhost/refused:trial.migrate propel.localhost/refused:trial.left "
                + "propel.localhost/refused:trial.right"
        )
        let stayed = try await machine.configuration.propel(json: machine.name)
        #expect(stayed.status == 0, "\(stayed)")
        #expect(try await inspect(machine, ".Image") == images)
        try await machine.expectNothingToDo()
    }

    private func expectANetworkBecomesInternal(_ machine: TestMachine) async throws {
        for isInternal in [true, false, true] {
            let run = try await deploy(
                machine, "tag = \"1\"\npublished = \"right\"\nvolume = \"right\"\ninternal = \(isInternal)")
            #expect(run.status == 0, "\(run)")
            let name = isInternal ? "trial_inside.internal" : "trial_inside"
            #expect(
                try await machine.ssh("docker network inspect --format '{{.Internal}} {{len .Containers}}' \(name)")
                    == "\(isInternal) 2")
        }
        try await machine.expectNothingToDo()
    }

    private func expectARenamedVolumeIsReportedAndBackedUp(_ machine: TestMachine) async throws {
        try await machine.ssh(
            "echo picture > /var/lib/docker/volumes/trial_data/_data/picture; rm -rf /var/backups/propel/trial/*")
        try machine.describe(
            role: "trial",
            keys: "tag = \"1\"\npublished = \"right\"\nvolume = \"right\"\ninternal = true\ndata = \"pictures\"")
        let plan = try await machine.configuration.propel(json: "plan", machine.name)
        #expect(
            plan.output.contains("/data of right is in the new volume trial_pictures from now on; trial_data is kept"),
            "\(plan)")
        let run = try await machine.configuration.propel(json: machine.name)
        #expect(run.status == 0, "\(run)")
        #expect(try await machine.ssh("tar -xzOf /var/backups/propel/trial/*/data.tar.gz ./picture") == "picture")
        #expect(try await machine.ssh("cat /var/lib/docker/volumes/trial_data/_data/picture") == "picture")
        try await machine.expectNothingToDo()
    }
}

extension TestMachine {
    /// Docker, and the images of the stack of the role `trial`, which cannot be pulled.
    func installTrial() async throws {
        try await installDocker()
        let script = Configuration.repository.appending(path: "Tests/SystemTests/Stacks/build-trial").path
        try copyProgram(from: script, to: "\(disk)/root/root/build-trial")
        try await ssh("/root/build-trial")
    }
}
