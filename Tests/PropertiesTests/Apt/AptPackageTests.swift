import PropelTesting
import RecordedOperations
import Testing

@testable import Properties

@Suite(.recorded) struct AptPackageTests {
    private let fake = FakeMachine()

    init() {
        _ = FakeApt(fake)
        // The files are made of their versions.
        fake.commands.program("/usr/lib/apt/apt-helper") { [fake] command in
            guard let start = command.arguments.firstIndex(of: "download-file") else { return .failing(1) }
            let url = command.arguments[start + 1]
            let version = url.split(separator: "_")[1]
            try fake.files.write(FilePath(command.arguments[start + 2]), bytes: Array(version.utf8))
            return .printing()
        }
        fake.commands.program("dpkg-deb") { [fake] command in
            .printing("Package: tool\nVersion: \(fake.files.text(at: FilePath(command.arguments[1])) ?? "")\n")
        }
    }

    private func tool(_ version: String, name: String = "tool") -> Apt.Package {
        Apt.Package(
            name, "https://example.com/tool_\(version)_amd64.deb", sha256: SHA256.hash(Array(version.utf8)))
    }

    private func installed(_ version: String, _ status: String = "install ok installed") {
        fake.files.put("/var/lib/dpkg/status", FakeApt.package("tool", status, version))
    }

    private var version: String? {
        DpkgStatus(status: Array((fake.files.text(at: "/var/lib/dpkg/status") ?? "").utf8))["tool"]?.version
    }

    @Test func `a file is installed by apt`() async throws {
        let change = try await fake.obeysLaw(tool("1.4"))
        #expect(change.reason == "install tool from https://example.com/tool_1.4_amd64.deb")
        #expect(
            fake.commands.log.last
                == "apt-get --no-remove \(FakeApt.options) \(FakeApt.keeping) install -- /var/lib/propel/downloads/tool.deb"
        )
        #expect(try fake.files.list("/var/lib/propel/downloads").isEmpty)
    }

    @Test func `another file is another version, also an earlier one`() async throws {
        try await fake.obeysLaw(tool("1.4"))
        let change = try await fake.obeysLaw(tool("1.3"))
        #expect(change.reason == "install tool from https://example.com/tool_1.3_amd64.deb in place of 1.4")
        #expect(fake.commands.log.last?.contains("--allow-downgrades install") == true)
        #expect(version == "1.3")
    }

    @Test func `a package that has upgraded itself stays`() async throws {
        try await fake.obeysLaw(tool("1.4"))
        installed("1.5")
        #expect(try await fake.check(tool("1.4")) == .satisfied)
        // Somebody has installed it from elsewhere: it is known from now on, and not installed again.
        try await fake.obeysLaw(tool("1.2"))
        #expect(version == "1.5")
        installed("1.1")
        #expect(try await fake.obeysLaw(tool("1.2")).reason.hasSuffix("in place of 1.1"))
        #expect(version == "1.2")
    }

    @Test func `a package on hold and one of another name are failures`() async throws {
        installed("1.0", "hold ok installed")
        await #expect(throws: Failure.self) { try await fake.check(tool("1.4")) }
        fake.files.put("/var/lib/dpkg/status", "")
        let failure = await #expect(throws: Failure.self) { try await tool("1.4", name: "tol").apply(on: fake.machine) }
        #expect(failure?.message.hasSuffix("has the package tool, and tol is declared") == true)
        #expect(try fake.files.list("/var/lib/propel/downloads").isEmpty)
    }

    @Test func `an installation that would remove others is refused`() async throws {
        _ = FakeApt(fake, takesAlong: ["nano"])
        let failure = await #expect(throws: Failure.self) { try await tool("1.4").apply(on: fake.machine) }
        #expect(failure?.message == "installing tool would also remove nano")
        #expect(version == nil)
    }

    @Test(arguments: Fault.allCases) func `another run finishes what a fault has cut`(_ fault: Fault) async throws {
        try await FakeMachine.verify(tool("1.4"), survives: fault) { AptPackageTests().fake }
    }

    @Test func `a file without a valid hash or name is a problem`() {
        #expect(Apt.Package("tool", "https://example.com/a.deb", sha256: "9f86d0").problems.count == 1)
        #expect(Apt.Package("Tool", "https://example.com/a.deb", sha256: SHA256.hash([])).problems.count == 1)
        #expect(Apt.Package("tool", [:]).problems.count == 1)
    }
}
