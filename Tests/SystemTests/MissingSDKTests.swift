import Testing

/// Missing requirements of a build for another architecture are reported before anything is connected to.
@Suite struct MissingSDKTests {
    /// An address without a host (RFC 5737).
    private func hosts(_ fleet: String) -> String {
        "\(fleet)\n[\"pi.local\"]\nrole = \"pi\"\naddress = \"192.0.2.1\"\nuser = \"pi\"\narchitecture = \"aarch64\"\n"
    }

    @Test func `a missing SDK is reported with the command that installs it`() async throws {
        let configuration = try Configuration(hosts: hosts("[fleet]\nsdks = { aarch64 = \"no-such-sdk\" }\n"))
        let answer = try await configuration.propel("pi.local", "--no-commit")
        #expect(answer.status == 1, "\(answer)")
        #expect(answer.errors.contains("cannot build for aarch64: the Swift SDK no-such-sdk is missing"), "\(answer)")
        #expect(answer.errors.contains("`swift sdk install URL --checksum SUM` installs it"), "\(answer)")
        #expect(answer.output.isEmpty, "no host was begun with: \(answer)")
    }

    @Test func `an imported enforcer must be built from these sources`() async throws {
        let configuration = try Configuration(hosts: hosts(""))
        let zeros = String(repeating: "0", count: 64)
        let answer = try await configuration.propel(
            "enforcer", "import", configuration.program.string + "-enforce", "--architecture", "aarch64", "--sha256",
            zeros, "--sources", zeros)
        #expect(answer.status == 64, "\(answer)")
        #expect(answer.errors.contains("was built from other sources"), "\(answer)")
    }
}
