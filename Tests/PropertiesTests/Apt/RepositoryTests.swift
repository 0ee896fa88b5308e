import PropelTesting
import Properties
import Testing

@Suite struct RepositoryTests {
    private static let key = """
        -----BEGIN PGP PUBLIC KEY BLOCK-----

        mQINBFit2io
        -----END PGP PUBLIC KEY BLOCK-----

        """
    private let fake = FakeMachine()

    private func repository(_ uri: String = "https://apt.example.com/debian", key: String = Self.key) -> Apt.Repository
    {
        Apt.Repository("example", uri: uri, suites: ["\(Fact.codename)"], components: ["stable"], key: key)
    }

    @Test func `a repository is a deb822 file with its key`() async throws {
        fake.files.put("/etc/os-release", "ID=debian\nVERSION_CODENAME=bookworm\n")
        fake.files.put(directory: "/etc/apt/sources.list.d")
        let before = fake.files.snapshot
        try await fake.obeysLaw(repository())
        #expect(
            fake.files.text(at: "/etc/apt/sources.list.d/example.sources") == """
                Types: deb
                URIs: https://apt.example.com/debian
                Suites: bookworm
                Components: stable
                Signed-By:
                 -----BEGIN PGP PUBLIC KEY BLOCK-----
                 .
                 mQINBFit2io
                 -----END PGP PUBLIC KEY BLOCK-----

                """)
        // apt reads it as the user _apt.
        #expect(fake.files["/etc/apt/sources.list.d/example.sources"]?.status.mode == 0o644)
        try await fake.obeysLaw(repository().reverted())
        #expect(fake.files.snapshot == before)
    }

    @Test func `an invalid address or key is a problem`() {
        #expect(repository("example.com").problems.count == 1)
        #expect(repository(key: "mQINBFit2io").problems.count == 1)
        #expect(repository().problems.isEmpty)
    }

    @Test func `a preference is a file`() async throws {
        fake.files.put(directory: "/etc/apt/preferences.d")
        try await fake.obeysLaw(
            Apt.Pin("backports", packages: ["linux-image-*"], pin: "release a=bookworm-backports", priority: 500))
        #expect(
            fake.files.text(at: "/etc/apt/preferences.d/backports.pref")
                == "Package: linux-image-*\nPin: release a=bookworm-backports\nPin-Priority: 500\n")
        #expect(Apt.Pin("x", packages: [], pin: "version 1", priority: 1).problems.count == 1)
    }
}
