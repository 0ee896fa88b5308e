import Propel
import Testing

@testable import PropelCLI

/// What is deployed is what git has.
@Suite struct DeploymentRecordTests {
    private func begin(_ folder: RecordedFolder) async throws -> DeploymentRecord? {
        try await Fleet.$current.withValue(RecordedFolder.fleet) {
            let checkout = try folder.checkout(), configuration = ConfigurationState(of: checkout)
            return try await DeploymentRecord.begin(
                in: checkout, configuration: configuration, for: try checkout.targets(["a"]), isConfirmed: true,
                prompter: TerminalPrompter())
        }
    }

    @Test func `a configuration that has changed is committed, and nothing else`() async throws {
        let folder = try await RecordedFolder("[a]\nrole = \"r\"\n")
        try folder.folder.write("// another", "Sources/Hosts/Fleet.swift")
        try folder.folder.write("mine", "notes.txt")
        #expect(try await begin(folder) != nil)
        #expect(try await folder.message == "Deploy a")
        #expect(try await folder.git("status", "--porcelain") == "?? notes.txt")
    }

    @Test(arguments: ["hosts.conf", "Sources/Hosts/Fleet.swift"])
    func `what is edited during the commit is not deployed`(_ name: String) async throws {
        let folder = try await RecordedFolder("[a]\nrole = \"r\"\n")
        try folder.folder.write("// another", "Sources/Hosts/Fleet.swift")
        try folder.setHook("echo '# // more' >> \(name)")
        await #expect(throws: UsageError.self) { try await begin(folder) }
    }

    @Test func `a sandbox is not recorded`() async throws {
        let folder = try await RecordedFolder("[a]\nrole = \"r\"\nsandbox = true\n")
        try folder.folder.write("// another", "Sources/Hosts/Fleet.swift")
        #expect(try await begin(folder) == nil)
        #expect(try await folder.message == "first")
    }
}
