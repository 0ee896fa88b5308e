import PropelTesting
import Properties
import RecordedOperations
import Testing

@Suite(.recorded) struct RepositoryTests {
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

    /// With both, and other keys, apt reads no list at all.
    @Test func `it is taken out of another file before it is added`() async throws {
        fake.files.put("/etc/apt/sources.list.d/old.list", "deb https://apt.example.com/debian bookworm stable\n")
        try await fake.obeysLaw(repository())
        try fake.operations.require(
            "remove /etc/apt/sources.list.d/old.list", before: "replace /etc/apt/sources.list.d/example.sources")
    }

    @Test func `the same repository is taken out of other files, and put back`() async throws {
        let files: [FilePath: String] = [
            "/etc/apt/sources.list":
                "deb http://deb.debian.org/debian bookworm main\n"
                + "deb [arch=amd64 signed-by=/a.gpg] https://apt.example.com/debian/ bookworm stable\n",
            "/etc/apt/sources.list.d/old.list":
                "# Example\ndeb-src\thttps://apt.example.com/debian bookworm stable\n",
            "/etc/apt/sources.list.d/more.sources":
                "Types: deb\nURIs: https://apt.example.com/debian\nSuites: bookworm\n trixie\nComponents: main\n\n"
                + "# A paragraph\nTypes: deb\nURIs: https://apt.example.com/debian\nSuites: bookworm\n\n"
                + "Types: deb\nURIs: https://other.example.com\nSuites: bookworm\n",
        ]
        for (path, text) in files { fake.files.put(path, text) }
        let before = fake.files.snapshot
        let change = try await fake.obeysLaw(repository())
        #expect(change.reason.contains("; take it out of /etc/apt/sources.list;"))
        #expect(
            fake.files.text(at: "/etc/apt/sources.list") == "deb http://deb.debian.org/debian bookworm main\n")
        #expect(fake.files["/etc/apt/sources.list.d/old.list"] == nil)
        #expect(
            fake.files.text(at: "/etc/apt/sources.list.d/more.sources")
                == "Types: deb\nURIs: https://apt.example.com/debian\nSuites: trixie\nComponents: main\n\n"
                + "Types: deb\nURIs: https://other.example.com\nSuites: bookworm\n")
        try await fake.obeysLaw(repository().reverted())
        #expect(fake.files.snapshot == before)
    }

    @Test(arguments: [
        "# deb https://apt.example.com/debian bookworm stable\n", "deb https://apt.example.com/debian trixie stable\n",
        "deb https://apt.example.com/debian2 bookworm stable\n", "deb https://apt.example.com bookworm stable\n",
        "debian https://apt.example.com/debian bookworm\n",
    ])
    func `other lines stay`(_ line: String) async throws {
        fake.files.put("/etc/apt/sources.list.d/old.list", line)
        try await fake.obeysLaw(repository())
        #expect(fake.files.text(at: "/etc/apt/sources.list.d/old.list") == line)
    }

    @Test func `a paragraph with another address too is a failure`() async throws {
        fake.files.put(
            "/etc/apt/sources.list.d/more.sources",
            "Types: deb\nURIs: https://apt.example.com/debian https://b.example.com\nSuites: bookworm\n")
        let failure = await #expect(throws: Failure.self) { try await fake.check(repository()) }
        #expect(failure?.message.hasPrefix("/etc/apt/sources.list.d/more.sources names") == true)
    }

    @Test func `a list that somebody has edited since is not restored`() async throws {
        fake.files.put("/etc/apt/sources.list.d/a.list", "deb https://apt.example.com/debian bookworm main\n")
        try await fake.obeysLaw(repository())
        fake.files.put("/etc/apt/sources.list.d/a.list", "deb https://new.example.com bookworm main\n")
        try await fake.obeysLaw(repository().reverted())
        #expect(
            fake.files.text(at: "/etc/apt/sources.list.d/a.list") == "deb https://new.example.com bookworm main\n")
    }

    @Test func `a repository is taken out of all files, whatever its suites, and put back`() async throws {
        let absent = Apt.Repository.Absent("https://apt.example.com/debian/")
        #expect(try await fake.check(absent) == .satisfied)
        let files: [FilePath: String] = [
            "/etc/apt/sources.list":
                "deb http://deb.debian.org/debian bookworm main\ndeb https://apt.example.com/debian trixie main\n",
            "/etc/apt/sources.list.d/old.list": "# Example\ndeb [arch=amd64] https://apt.example.com/debian ./\n",
            "/etc/apt/sources.list.d/more.sources":
                "Types: deb\nURIs: https://apt.example.com/debian\nSuites: a b\nSigned-By:\n .\n\n"
                + "Types: deb\nURIs: https://apt.example.com/debian2\nSuites: a\n",
        ]
        for (path, text) in files { fake.files.put(path, text) }
        let before = fake.files.snapshot
        #expect(
            try await fake.obeysLaw(absent).reason == "take it out of /etc/apt/sources.list; take it out of "
                + "/etc/apt/sources.list.d/more.sources; remove /etc/apt/sources.list.d/old.list")
        #expect(fake.files.text(at: "/etc/apt/sources.list") == "deb http://deb.debian.org/debian bookworm main\n")
        #expect(
            fake.files.text(at: "/etc/apt/sources.list.d/more.sources")
                == "Types: deb\nURIs: https://apt.example.com/debian2\nSuites: a\n")
        #expect(fake.files["/etc/apt/sources.list.d/old.list"] == nil)
        try await fake.obeysLaw(absent.reverted())
        #expect(fake.files.snapshot == before)
    }

    @Test func `a repository that is there and not there is a conflict, and no address a problem`() async throws {
        let host = Host("x", runs: Debian.self) {
            repository()
            Apt.Repository.Absent("https://apt.example.com/debian/")
        }
        #expect(host.conflicts.map(\.subject) == ["the apt repository https://apt.example.com/debian"])
        for uri in ["", "example.com", "https://a b"] {
            #expect(Apt.Repository.Absent(uri).problems.count == 1)
            await #expect(throws: Failure.self) { try await Apt.Repository.Absent(uri).apply(on: fake.machine) }
        }
    }

    @Test func `one of two files of a repository can be reverted`() {
        let uri = "http://deb.debian.org/debian"
        let host = Host("x", runs: Debian.self) {
            Apt.Repository("base", uri: uri, suites: ["bookworm"], components: ["main"], key: Self.key)
            Apt.Repository("next", uri: uri + "/", suites: ["trixie"], components: ["main"], key: Self.key)
            Apt.Repository.backports().reverted()
        }
        #expect(host.problems.isEmpty && host.conflicts.isEmpty, "\(host.conflicts)")
        let both = Host("x", runs: Debian.self) {
            repository()
            repository().reverted()
        }
        #expect(both.conflicts.map(\.subject) == ["the path /etc/apt/sources.list.d/example.sources"])
    }

    @Test func `a key may be a file`() async throws {
        fake.files.put(directory: "/etc/apt")
        let key = Apt.Key("example", Self.key)
        try await fake.obeysLaw(key)
        #expect(fake.files["/etc/apt/keyrings/example.asc"]?.status.mode == 0o644)
        #expect(Apt.Key("a/b", Self.key).problems.count == 1 && Apt.Key("a", "mQINBFit2io").problems.count == 1)
        fake.files.put(directory: "/etc/apt/sources.list.d")
        try await fake.obeysLaw(repository(key: "/etc/apt/keyrings/example.asc"))
        #expect(
            fake.files.text(at: "/etc/apt/sources.list.d/example.sources")?
                .hasSuffix("Signed-By: /etc/apt/keyrings/example.asc\n") == true)
        #expect(repository(key: "/a b").problems.count == 1)
    }

    @Test func `backports and personal archives are repositories`() async throws {
        fake.files.put(directory: "/etc/apt/sources.list.d")
        try await fake.obeysLaw(Apt.Repository.backports())
        #expect(
            fake.files.text(at: "/etc/apt/sources.list.d/debian-backports.sources") == """
                Types: deb
                URIs: http://deb.debian.org/debian
                Suites: bookworm-backports
                Components: main
                Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

                """)
        let ppa = Apt.Repository(ppa: "deadsnakes/ppa", key: Self.key)
        #expect(ppa.id == "ppa-deadsnakes-ppa" && ppa.problems.isEmpty)
        #expect(ppa.uri == "https://ppa.launchpadcontent.net/deadsnakes/ppa/ubuntu")
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
