import PropelTesting
import RecordedOperations
import Testing

@testable import Properties

/// Repositories that apt cannot use do not keep it from the packages of the others.
@Suite(.recorded) struct RepositoryComplaintsTests {
    let fake = FakeMachine()

    /// apt-get as it answers while a repository is dead or unsigned; everything else as before.
    private func plant(_ status: Int, _ errors: String) {
        let apt = FakeMachine()
        _ = FakeApt(apt)
        _ = FakeApt(fake)
        fake.commands.program("apt-get") { [fake] command in
            if command.arguments.last == "update" { return .failing(status, errors) }
            let result = try await apt.commands.run(command)
            fake.files.put("/var/lib/dpkg/status", apt.files.text(at: "/var/lib/dpkg/status") ?? "")
            return result
        }
    }

    private static let unsigned = """
        W: GPG error: https://packages.example.org stable InRelease: The following signatures couldn't be verified \
        because the public key is not available: NO_PUBKEY 0123456789ABCDEF
        E: The repository 'https://packages.example.org stable InRelease' is not signed.

        """
    private static let dead = """
        W: Failed to fetch http://dead.example.org/dists/stable/InRelease  Temporary failure resolving \
        'dead.example.org'
        W: Failed to fetch http://dead.example.org/dists/extra/InRelease  Temporary failure resolving 'dead.example.org'
        W: Some index files failed to download. They have been ignored, or old ones used instead.

        """
    private static let gone =
        "E: The repository 'http://old.example.org jessie Release' does not have a Release file.\n"

    @Test(arguments: [
        (100, unsigned, "The repository 'https://packages.example.org stable InRelease' is not signed."),
        (
            0, dead,
            "Failed to fetch http://dead.example.org/dists/stable/InRelease  Temporary failure resolving 'dead.example.org'"
        ), (100, gone, "The repository 'http://old.example.org jessie Release' does not have a Release file."),
    ])
    func `the packages of the others are installed, and it is said once`(
        _ status: Int, _ errors: String, _ complaint: String
    ) async throws {
        plant(status, errors)
        try await fake.obeysLaw(Apt.Installed("git"))
        try await fake.obeysLaw(Apt.Installed("curl"))
        #expect(
            fake.machine.followUps == [
                "repair or remove a repository that apt cannot use: \(complaint)"
            ])
        #expect(fake.commands.log.count { $0.hasSuffix("update") } == 1)
        // The next run tries again.
        #expect(fake.files["/var/lib/propel/stamps/apt-index"] == nil)
    }

    @Test func `a package that may be in such a repository is reported with it`() async throws {
        plant(100, Self.unsigned)
        let failure = await #expect(throws: Failure.self) { try await Apt.Installed("gti").apply(on: fake.machine) }
        #expect(failure?.message == "apt knows no package “gti”")
        #expect(
            failure?.output.last == "E: The repository 'https://packages.example.org stable InRelease' is not signed.")
        #expect(failure?.advice?.contains("could not use") == true)
    }

    @Test func `an update that is asked for fails`() async throws {
        plant(100, Self.unsigned)
        let failure = await #expect(throws: Failure.self) { try await Apt.Update().perform(on: fake.machine) }
        #expect(failure?.message == "some repositories could not be used")
    }

    @Test(arguments: [
        "E: Malformed entry 1 in list file /etc/apt/sources.list.d/x.list (Component)\nE: The list of sources could not be "
            + "read.\n",
        "E: Conflicting values set for option Signed-By regarding source https://x/ stable: a != b\nE: The list of sources "
            + "could not be read.\n",
        "E: Could not open file /var/lib/apt/lists/x - open (5: Input/output error)\n",
    ])
    func `what keeps apt from everything is a failure`(_ errors: String) async throws {
        plant(100, errors)
        await #expect(throws: CommandFailure.self) { try await Apt.Installed("git").apply(on: fake.machine) }
    }
}
