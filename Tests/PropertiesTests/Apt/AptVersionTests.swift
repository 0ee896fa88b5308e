import PropelTesting
import RecordedOperations
import Testing

@testable import Properties

@Suite(.recorded) struct AptVersionTests {
    private let fake = FakeMachine()

    private func plant(_ installed: String = "", _ status: String = "install ok installed") {
        _ = FakeApt(
            fake,
            versions: [
                "nginx": [
                    .init(number: "1.26.3-1~bpo12+1", suite: "bookworm-backports"), .init(number: "1.24.0-2"),
                    .init(number: "1.22.1-9"),
                ]
            ])
        if !installed.isEmpty {
            fake.files.put("/var/lib/dpkg/status", FakeApt.package("nginx", status, installed))
        }
    }

    private var installed: String? {
        DpkgStatus(status: Array((fake.files.text(at: "/var/lib/dpkg/status") ?? "").utf8))["nginx"]?.version
    }

    @Test(arguments: [
        ("1.0", "1.0", 0), ("1.9", "1.10", -1), ("1.0~rc1", "1.0", -1), ("1.0", "1.0+b1", -1), ("1:0.1", "9", 1),
        ("1.0-1", "1.0-1+deb12u2", -1), ("1.0a", "1.0+", -1), ("1.007", "1.7", 0), ("1.0", "1.0-1", -1),
        ("2.36-9+deb12u9", "2.36-9+deb12u10", -1), ("1.0~~", "1.0~", -1),
    ])
    func `versions are ordered as dpkg orders them`(_ left: String, _ right: String, _ order: Int) {
        let (one, other) = (DebianVersion(left), DebianVersion(right))
        #expect((one < other) == (order < 0) && (other < one) == (order > 0) && (one == other) == (order == 0))
    }

    @Test func `a pattern means the versions that it says`() {
        #expect(DebianVersion("1.24.0-2").matches("1.24.*") && DebianVersion("1.24.0-2").matches("1.24.0-2"))
        #expect(DebianVersion("1.24.0-2").matches("*-2") && DebianVersion("1.24.0-2").matches("1*0*"))
        for other in ["1.2.*", "1.24.0", "1.24.0-2 ", "24*", "*3"] {
            #expect(!DebianVersion("1.24.0-2").matches(other))
        }
    }

    @Test func `the latest of the declared versions is installed`() async throws {
        plant()
        let change = try await fake.obeysLaw(Apt.Installed("nginx", version: "1.22.*"))
        #expect(change.reason == "install nginx 1.22.*")
        #expect(
            fake.commands.log.last
                == "apt-get --no-remove \(FakeApt.options) \(FakeApt.keeping) install -- nginx=1.22.1-9")
        #expect(installed == "1.22.1-9")
    }

    @Test func `another version is replaced, a later one by an earlier too`() async throws {
        plant("1.24.0-2")
        let change = try await fake.obeysLaw(Apt.Installed("nginx", version: "1.22.*"))
        #expect(change.reason == "nginx 1.24.0-2 → 1.22.*")
        #expect(
            fake.commands.log.last
                == "apt-get --no-remove \(FakeApt.options) \(FakeApt.keeping) --allow-downgrades install -- nginx=1.22.1-9"
        )
        try await fake.obeysLaw(Apt.Installed("nginx", version: "1.24.0-2"))
        #expect(
            fake.commands.log.last
                == "apt-get --no-remove \(FakeApt.options) \(FakeApt.keeping) install -- nginx=1.24.0-2")
        // No version is declared, so each is right.
        #expect(try await fake.check(Apt.Installed("nginx")) == .satisfied)
    }

    @Test func `a version that no repository has is a failure that names the others`() async throws {
        plant()
        let failure = await #expect(throws: Failure.self) {
            try await Apt.Installed("nginx", version: "1.2").apply(on: fake.machine)
        }
        #expect(failure?.message == "apt knows no version 1.2 of nginx")
        #expect(failure?.advice?.contains("1.24.0-2 of bookworm, 1.22.1-9 of bookworm") == true)
        #expect(installed == nil)
    }

    @Test func `a package on hold keeps its version`() async throws {
        plant("1.24.0-2", "hold ok installed")
        await #expect(throws: Failure.self) { try await fake.check(Apt.Installed("nginx", version: "1.22.*")) }
        await #expect(throws: Failure.self) { try await fake.check(Apt.Installed("nginx", from: .backports)) }
        #expect(try await fake.check(Apt.Installed("nginx", version: "1.24.*")) == .satisfied)
        #expect(try await fake.check(Apt.Latest("nginx")) == .satisfied)
    }

    @Test func `a package comes from the backports, and follows them`() async throws {
        plant("1.24.0-2")
        let backported = Apt.Installed("nginx", from: .backports)
        #expect(
            try await fake.obeysLaw(backported).reason == "nginx 1.24.0-2 → 1.26.3-1~bpo12+1 from bookworm-backports")
        #expect(
            fake.commands.log.contains(
                "apt-get --no-remove \(FakeApt.options) \(FakeApt.keeping) install -- nginx/bookworm-backports"))
        // A version that is later than that of the release stays.
        plant("1.28-1")
        #expect(try await fake.check(backported) == .satisfied)
    }

    @Test func `a release that no repository has is looked for, and then a failure`() async throws {
        plant("1.24.0-2")
        let testing = Apt.Installed("nginx", from: .named("testing"))
        #expect(try await fake.check(testing).reason == "look for nginx in testing")
        let failure = await #expect(throws: Failure.self) { try await testing.apply(on: fake.machine) }
        #expect(failure?.message == "apt knows no version from testing of nginx")
    }

    @Test func `a plain and a versioned declaration of one package are one installation`() async throws {
        plant()
        try await Apt.Installed("nginx").apply(
            with: [Apt.Installed("nginx", version: "1.22.*")], on: fake.machine)
        #expect(installed == "1.22.1-9")
        #expect(
            fake.commands.log.last
                == "apt-get --no-remove \(FakeApt.options) \(FakeApt.keeping) install -- nginx=1.22.1-9")
    }

    @Test(arguments: ["", "1.2 ", "1;2", "1\n"]) func `an invalid version is a problem`(_ version: String) {
        #expect(Apt.Installed("nginx", version: version).problems.count == 1)
        #expect(Apt.Installed("nginx", from: .named(version)).problems.count == 1)
    }

    @Test func `the latest version is installed once the lists have it`() async throws {
        plant("1.22.1-9")
        let latest = Apt.Latest("nginx")
        #expect(try await fake.obeysLaw(latest).reason == "look for later versions of nginx")
        #expect(installed == "1.24.0-2")
        #expect(fake.commands.log.contains { $0.hasSuffix("update") })
        // The lists are fresh: another run asks apt alone, and changes nothing.
        let count = fake.commands.log.count
        #expect(try await fake.check(latest) == .satisfied)
        #expect(fake.commands.log.dropFirst(count) == ["apt-cache policy -- nginx"])
        fake.files.put("/var/lib/dpkg/status", FakeApt.package("nginx", "install ok installed", "1.22.1-9"))
        #expect(try await fake.obeysLaw(latest).reason == "nginx 1.22.1-9 → 1.24.0-2")
        fake.pass(.days(2))
        #expect(try await fake.obeysLaw(latest).reason == "look for later versions of nginx")
        #expect(fake.commands.log.count { $0.hasSuffix("install -- nginx") } == 2)
    }

    @Test func `policy is read with its versions and suites`() {
        let policy = AptPolicy(
            """
            nginx:
              Installed: 1.22.1-9
              Candidate: 1.22.1-9+deb12u2
              Version table:
                 1.22.1-9+deb12u2 990
                    990 http://deb.debian.org/debian bookworm/main amd64 Packages
                    500 http://deb.debian.org/debian-security bookworm-security/main amd64 Packages
             *** 1.22.1-9 100
                    100 /var/lib/dpkg/status
            awk:
              Installed: (none)
              Candidate: (none)
              Version table:
            """)
        #expect(policy.packages["awk"] == .init())
        #expect(
            policy.packages["nginx"]
                == .init(
                    installed: "1.22.1-9", candidate: "1.22.1-9+deb12u2",
                    versions: [
                        .init(number: "1.22.1-9+deb12u2", suites: ["bookworm", "bookworm-security"]),
                        .init(number: "1.22.1-9"),
                    ]))
    }
}
