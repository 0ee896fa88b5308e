import Foundation
import Propel
import Subprocess
import SystemPackage
import Testing

/// The rules of `[fleet]` about what may be deployed, and what is noted afterwards.
@Suite struct DeploymentPolicyTests {
    @Test func `a dirty work tree is refused if the policy says so`() async throws {
        try await GitConfiguration.with(policy: "require-clean = [\"a\"]") { fleet in
            try fleet.write("a draft\n", to: "notes.txt")
            for option in ["--yes", "--no-commit"] {
                let answer = try await fleet.propel("a", option)
                #expect(answer.status == 64, "\(answer)")
                #expect(answer.errors.contains("a is only deployed from a clean work tree"), "\(answer)")
                #expect(answer.output == "")
            }
            #expect(try await fleet.notes().isEmpty)
            #expect(try await fleet.propel("b").status == 3, "the policy is for another host")
            try await fleet.git("add", "notes.txt")
            try await fleet.git("commit", "--quiet", "--message", "Draft")
            #expect(try await fleet.propel("a").status == 3)
            #expect(try await fleet.propel("a", "--no-commit").status == 3)
        }
    }

    @Test func `only a signed commit is deployed if the policy says so`() async throws {
        try await GitConfiguration.with(policy: "require-signed = \"*\"") { fleet in
            for option in ["--yes", "--no-commit"] {
                let unsigned = try await fleet.propel("a", option)
                #expect(unsigned.status == 64)
                #expect(unsigned.errors.contains("a is only deployed from a signed commit"), "\(unsigned)")
                #expect(unsigned.errors.contains("not signed"), "\(unsigned)")
                #expect(unsigned.output == "")
            }

            let key = try await fleet.makeSigningKey("key"), stranger = try await fleet.makeSigningKey("stranger")
            try await fleet.git("config", "gpg.format", "ssh")
            let allowed = fleet.home.appending(path: "allowed")
            try "tester@example.com \(String(contentsOfFile: key + ".pub", encoding: .utf8))"
                .write(to: allowed, atomically: true, encoding: .utf8)
            try await fleet.git("config", "gpg.ssh.allowedSignersFile", allowed.path)

            try await fleet.git("config", "user.signingKey", stranger + ".pub")
            try await fleet.git("commit", "--quiet", "--amend", "--no-edit", "--gpg-sign")
            let foreign = try await fleet.propel("a")
            #expect(foreign.status == 64)
            #expect(foreign.errors.contains("signed by an unknown key"), "\(foreign)")

            try await fleet.git("config", "user.signingKey", key + ".pub")
            try await fleet.git("commit", "--quiet", "--amend", "--no-edit", "--gpg-sign")
            #expect(try await fleet.propel("a").status == 3)
            #expect(try await fleet.propel("a", "--no-commit").status == 3)
        }
    }

    @Test func `the commit is signed if git is configured to sign`() async throws {
        try await GitConfiguration.with { fleet in
            let key = try await fleet.makeSigningKey("key")
            for (name, value) in [("gpg.format", "ssh"), ("user.signingKey", key + ".pub"), ("commit.gpgSign", "true")]
            {
                try await fleet.git("config", name, value)
            }
            try fleet.write(swap: 2)
            #expect(try await fleet.propel("a", "--yes").status == 3)
            #expect(try await fleet.git("cat-file", "commit", "HEAD").contains("gpgsig -----BEGIN SSH SIGNATURE"))
        }
    }

    // MARK: On a machine

    @Test(.machine()) func `a deployment is noted for a machine and not for a sandbox`() async throws {
        let machine = try TestMachine.current
        let policy = "[fleet]\nrequire-clean = [\"*\"]\nrequire-signed = [\"*\"]\n"
        let fleet = try GitConfiguration(machine.configuration)
        // Outside of git, with a policy for all: neither is for sandboxes.
        let entry = try String(contentsOf: fleet.file("hosts.conf"), encoding: .utf8)
        try fleet.write(entry + policy, to: "hosts.conf")
        for option in ["--no-commit", "--yes"] {
            let answer = try await fleet.propel(machine.name, "--only", "hello", option)
            #expect(answer.status == 0, "\(answer)")
        }

        try await fleet.makeRepository()
        let head = try await fleet.git("rev-parse", "HEAD")
        try fleet.write(entry + "welcome = false\n" + policy, to: "hosts.conf")
        let answer = try await fleet.propel(machine.name, "--only", "hello")
        #expect(answer.status == 0, "\(answer)")
        #expect(try await fleet.git("rev-parse", "HEAD") == head)
        #expect(try await fleet.git("status", "--porcelain") == " M hosts.conf")
        #expect(try await fleet.notes().isEmpty)

        // The same machine, reached like any other.
        try fleet.write(
            """
            [\(machine.name)]
            role = "demo"
            address = "\(machine.sandbox.address)"
            user = "root"
            identity = "\(machine.sandbox.identityFile)"
            host-keys = ["\(machine.sandbox.hostKey)"]
            """, to: "hosts.conf")
        let recorded = try await fleet.propel(machine.name, "--only", "hello", "--yes")
        #expect(recorded.status == 0, "\(recorded)")
        #expect(try await fleet.git("log", "-1", "--format=%s") == "Deploy \(machine.name)")
        #expect(try await fleet.git("status", "--porcelain") == "")
        let notes = try await fleet.notes()
        #expect(notes.map { $0["result"] } == ["converged"])
        #expect(notes.first?["host"] == .string(machine.name))
    }
}
