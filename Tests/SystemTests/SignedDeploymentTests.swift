import Foundation
import Testing

/// Deployments to hosts that require a signature. The hosts have no machine: a deployment that is allowed ends as
/// unreachable.
@Suite(.serialized) struct SignedDeploymentTests {
    private static let deployed: Int32 = 3, refused: Int32 = 64

    /// A repository whose keyring has Anna's key, in a signed commit that this clone has accepted.
    private func with(_ body: (GitConfiguration, DeployerKey) async throws -> Void) async throws {
        let anna = try await DeployerKey("Anna Berg <anna@example.com>")
        try await GitConfiguration.with(policy: "require-signed = \"*\"") { fleet in
            try await fleet.accredit(anna)
            try await fleet.commit("Anna may deploy", signedBy: anna)
            let first = try await fleet.propel("a", as: anna)
            #expect(first.status == Self.refused, "\(first)")
            #expect(first.errors.contains("This clone has not accepted them yet"), "\(first)")
            #expect(first.errors.contains("\(anna.fingerprint)  Anna Berg <anna@example.com>"), "\(first)")
            let head = try await fleet.git("rev-parse", "HEAD")
            #expect(first.errors.contains("git update-ref refs/propel/accepted \(head)"), "\(first)")
            try await fleet.git("update-ref", "refs/propel/accepted", head)
            let second = try await fleet.propel("a", as: anna)
            #expect(second.status == Self.deployed, "\(second)")
            try await body(fleet, anna)
        }
    }

    private func expectRefusal(_ fleet: GitConfiguration, _ words: String, option: String = "--yes") async throws {
        let answer = try await fleet.propel("a", option)
        #expect(answer.status == Self.refused, "\(answer)")
        #expect(answer.errors.contains(words), "\(answer)")
        #expect(answer.output == "")
    }

    @Test func `the keyring is accepted once at the terminal`() async throws {
        let anna = try await DeployerKey("Anna Berg <anna@example.com>")
        try await GitConfiguration.with(policy: "require-signed = \"*\"") { fleet in
            try await fleet.accredit(anna)
            try await fleet.commit("Anna may deploy", signedBy: anna)
            let question = "Are these the keys of those who may deploy?"
            let no = try await fleet.propelAtTerminal("a", answering: question, with: "echo no")
            #expect(no.status == Self.refused, "\(no)")
            let yes = try await fleet.propelAtTerminal("a", answering: question, with: "echo yes")
            #expect(yes.status == Self.deployed, "\(yes)")
            #expect(try await fleet.propel("a", as: anna).status == Self.deployed)
        }
    }

    @Test func `a commit not signed by the keyring is refused`() async throws {
        try await with { fleet, anna in
            try fleet.write(swap: 2)
            try await fleet.git("commit", "--quiet", "--all", "--message", "Not signed")
            for option in ["--yes", "--no-commit"] {
                try await expectRefusal(fleet, "is not one: not signed", option: option)
            }

            let eve = try await DeployerKey("Eve <eve@example.com>")
            try await fleet.commit("By a stranger", signedBy: eve, amending: true)
            try await expectRefusal(fleet, "signed by a key that is not in the keyring")

            try await fleet.commit("Right", signedBy: anna, amending: true)
            #expect(try await fleet.propel("a", as: anna).status == Self.deployed)

            // The same signature over another text.
            let object = try await fleet.git("cat-file", "commit", "HEAD")
            try object.replacing("Right", with: "Wrong").appending("\n").write(
                to: fleet.home.appending(path: "tampered"), atomically: true, encoding: .utf8)
            let tampered = try await fleet.git(
                "hash-object", "-w", "-t", "commit", fleet.home.appending(path: "tampered").path)
            try await fleet.git("reset", "--quiet", "--soft", tampered)
            try await fleet.git("update-ref", "-d", "refs/propel/accepted")
            try await fleet.git("update-ref", "refs/propel/accepted", "HEAD~1")
            try await expectRefusal(fleet, "the signature does not match")
        }
    }

    @Test func `an expired or revoked key does not sign`() async throws {
        try await with { fleet, anna in
            let ben = try await DeployerKey("Ben <ben@example.com>"),
                old = try await DeployerKey("Otto <otto@example.com>", isExpired: true)
            try await fleet.accredit(ben, isRevoked: true)
            try await fleet.accredit(old)
            try await fleet.commit("Ben's key was lost", signedBy: anna)
            #expect(try await fleet.propel("a", as: anna).status == Self.deployed)
            try await fleet.commit("By the owner of the key", signedBy: ben)
            try await expectRefusal(fleet, "signed by Ben <ben@example.com>, with a key that was revoked")
            try await fleet.commit("By Otto", signedBy: old, amending: true)
            try await expectRefusal(
                fleet, "signed by Otto <otto@example.com>, with a key or a signature that has expired")
        }
    }

    @Test func `only a key of the keyring can add others`() async throws {
        try await with { fleet, anna in
            let ben = try await DeployerKey("Ben <ben@example.com>"),
                eve = try await DeployerKey("Eve <eve@example.com>")
            try await fleet.accredit(ben)
            try await fleet.commit("Ben may deploy", signedBy: anna)
            try fleet.write(swap: 2)
            try await fleet.commit("More swap", signedBy: ben)
            let byBen = try await fleet.propel("a", as: ben)
            #expect(byBen.status == Self.deployed, "\(byBen)")

            // Eve adds herself, and signs all that she does.
            let trusted = try await fleet.git("rev-parse", "HEAD")
            try await fleet.accredit(eve)
            try await fleet.commit("Eve may deploy", signedBy: eve)
            try await fleet.commit("And does", signedBy: eve)
            try await expectRefusal(fleet, "changes the keyring, and that is not signed by a key that was in it before")
            // Nor is it better with somebody's signature on top.
            try await fleet.commit("On top", signedBy: anna)
            try await expectRefusal(fleet, "changes the keyring, and that is not signed by a key that was in it before")
            try await fleet.git("reset", "--quiet", "--hard", trusted)

            // Ben is taken out, and goes back to the keyring that he was in.
            try fleet.discredit(ben)
            try await fleet.commit("Ben has left", signedBy: anna)
            #expect(try await fleet.propel("a", as: anna).status == Self.deployed)
            let without = try await fleet.git("rev-parse", "HEAD")
            let tree = try await fleet.git("rev-parse", "\(trusted)^{tree}")
            let merge = try await fleet.git(
                "commit-tree", "-S\(ben.fingerprint)", "-p", without, "-p", trusted, "-m", "Back", tree, as: ben)
            try await fleet.git("reset", "--quiet", "--hard", merge)
            try await expectRefusal(fleet, "changes the keyring, and that is not signed by a key that was in it before")
            // Nor by a history without what was accepted.
            try await fleet.git("reset", "--quiet", "--hard", trusted)
            try await expectRefusal(fleet, "the history was rewritten")
            // A branch from before that is merged in order takes nothing back.
            try await fleet.git("checkout", "--quiet", "-b", "work", trusted)
            try fleet.write("a note\n", to: "notes.txt")
            try await fleet.git("add", "notes.txt")
            try await fleet.git("commit", "--quiet", "--message", "Not even signed")
            try await fleet.git("checkout", "--quiet", "main")
            try await fleet.git("reset", "--quiet", "--hard", without)
            try await fleet.git(
                "merge", "--quiet", "--no-ff", "-S\(anna.fingerprint)", "--message", "Merge", "work", as: anna)
            let merged = try await fleet.propel("a", as: anna)
            #expect(merged.status == Self.deployed, "\(merged)")
        }
    }

    @Test func `removing the keyring is refused`() async throws {
        try await with { fleet, _ in
            try await fleet.git("rm", "--quiet", "-r", "secrets")
            try await fleet.git("commit", "--quiet", "--message", "No keyring")
            try await expectRefusal(
                fleet, "changes the keyring, and that is not signed by a key that was in it before: not signed")
        }
    }

    @Test func `a person who can push cannot remove the rule`() async throws {
        try await with { fleet, _ in
            try "[a]\nrole = \"demo\"\naddress = \"127.0.0.1\"\nport = 1\n".write(
                to: fleet.file("hosts.conf"), atomically: true, encoding: .utf8)
            try await fleet.git("commit", "--quiet", "--all", "--message", "No rule")
            try await expectRefusal(fleet, "is not one: not signed")
            // A plan runs the same code as root.
            let plan = try await fleet.propel("plan", "a")
            #expect(plan.status == Self.refused, "\(plan)")
            #expect(plan.errors.contains("is not one: not signed"), "\(plan)")
        }
    }

    @Test func `a tag with the name of the accepted commit does not count`() async throws {
        let eve = try await DeployerKey("Eve <eve@example.com>")
        try await GitConfiguration.with(policy: "require-signed = \"*\"") { fleet in
            try await fleet.accredit(eve)
            try await fleet.commit("Eve may deploy", signedBy: eve)
            try await fleet.git("tag", "refs/propel/accepted")
            try await expectRefusal(fleet, "This clone has not accepted them yet")
        }
    }

    @Test func `a removed key returns only with a signature`() async throws {
        try await with { fleet, anna in
            let kim = try await DeployerKey("Kim <kim@example.com>")
            try await fleet.accredit(kim)
            try await fleet.commit("Kim may deploy", signedBy: anna)
            #expect(try await fleet.propel("a", as: anna).status == Self.deployed)
            // Both of these come with the next fetch: Anna takes Kim out, and Kim takes that back, unsigned.
            try fleet.discredit(kim)
            try await fleet.commit("Kim has left", signedBy: anna)
            try await fleet.git("revert", "--no-edit", "HEAD")
            try await fleet.commit("On top", signedBy: kim)
            try await expectRefusal(
                fleet, "changes the keyring, and that is not signed by a key that was in it before: not signed")
        }
    }

    @Test func `commits of propel are signed with the deployer’s key`() async throws {
        let anna = try await DeployerKey("Anna Berg <anna@example.com>")
        try await GitConfiguration.with { fleet in
            try await fleet.accredit(anna)
            #expect(try await fleet.propel("a", "--yes", as: anna).status == Self.deployed)
            #expect(try await fleet.git("log", "-1", "--format=%G? %GF", as: anna) == "G \(anna.fingerprint)")
            // git's own setting takes precedence.
            try await fleet.git("config", "commit.gpgSign", "false")
            try fleet.write(swap: 2)
            #expect(try await fleet.propel("a", "--yes", as: anna).status == Self.deployed)
            #expect(try await fleet.git("log", "-1", "--format=%s %G?", as: anna) == "Deploy a N")
            // Without a key of the keyring nothing is signed.
            try await fleet.git("config", "--unset", "commit.gpgSign")
            try fleet.write(swap: 3)
            #expect(
                try await fleet.propel("a", "--yes", as: try await DeployerKey("Eve <eve@example.com>")).status
                    == Self.deployed)
            #expect(try await fleet.git("log", "-1", "--format=%G?", as: anna) == "N")
        }
    }
}
