import Propel
import Testing

@testable import PropelCLI

/// The conditions on the repository under which hosts are deployed.
@Suite struct DeploymentPolicyTests {
    private static let host = "[a]\nrole = \"r\"\n"

    private func require(_ folder: RecordedFolder) async throws {
        try await Fleet.$current.withValue(RecordedFolder.fleet) {
            let checkout = try folder.checkout()
            try await DeploymentPolicy(of: checkout, for: try checkout.targets(["a"])).require(
                prompter: TerminalPrompter())
        }
    }

    private func refusal(_ folder: RecordedFolder) async -> String {
        do {
            try await require(folder)
            return "none"
        } catch { return "\(error)" }
    }

    @Test func `without a rule anything is deployed`() async throws {
        let folder = try await RecordedFolder(Self.host)
        try folder.folder.write("mine", "notes.txt")
        try await require(folder)
    }

    @Test(arguments: ["a", "*"]) func `a rule asks for a signed commit`(_ name: String) async throws {
        let folder = try await RecordedFolder("[fleet]\nrequire-signed = [\"\(name)\"]\n" + Self.host)
        #expect(await refusal(folder).contains("only deployed from a signed commit"))
    }

    @Test func `a rule asks for a clean work tree`() async throws {
        let folder = try await RecordedFolder("[fleet]\nrequire-clean = [\"a\"]\n" + Self.host)
        try await require(folder)
        try folder.folder.write("mine", "notes.txt")
        #expect(await refusal(folder).contains("only deployed from a clean work tree"))
    }

    /// Anyone who can push could remove the rule.
    @Test func `a clone that has accepted a keyring asks for signed commits without the rule too`() async throws {
        let folder = try await RecordedFolder(Self.host)
        try await folder.git("update-ref", TrustedKeyring.accepted, "HEAD")
        #expect(await refusal(folder).contains("only deployed from a signed commit"))
    }
}
