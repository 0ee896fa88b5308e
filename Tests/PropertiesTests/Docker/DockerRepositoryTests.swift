import PropelTesting
import RecordedOperations
import Testing

@testable import Properties

/// docker-ce from Docker's own repository, whose key counts by its fingerprint.
@Suite(.recorded) struct DockerRepositoryTests {
    private let fake = FakeMachine()

    private static let body: [UInt8] = [4, 0x60, 0, 0, 0, 22] + Array(0..<40)
    private static let armoured = """
        -----BEGIN PGP PUBLIC KEY BLOCK-----

        mC4EYAAAABYAAQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyAhIiMkJSYn
        tBdUZXN0IDx0ZXN0QGV4YW1wbGUuY29tPg==
        =abcd
        -----END PGP PUBLIC KEY BLOCK-----

        """

    /// - Parameter fingerprint: what the hash of the key is.
    init() {
        fake.commands.program("sha1sum") { command in
            // Only of exactly this key.
            let isKey = command.input == [0x99, 0, UInt8(Self.body.count)] + Self.body
            return .printing("\(isKey ? DockerKey.fingerprint : String(repeating: "0", count: 40)) *-\n")
        }
        serve(Self.armoured)
    }

    private func serve(_ text: String) {
        fake.commands.program("/usr/lib/apt/apt-helper") { [fake] command in
            fake.files.put(FilePath(command.arguments.last ?? ""), text)
            return .printing()
        }
    }

    @Test func `the key is fetched and kept`() async throws {
        #expect(try await fake.obeysLaw(DockerKey()).reason == "fetch it")
        #expect(fake.files.text(at: DockerKey.path) == Self.armoured)
        #expect(try fake.files.list("/var/lib/propel/downloads") == [])
        fake.files.put(DockerKey.path, Self.armoured.replacing("mC4", with: "mC5"), mode: 0o644)
        #expect(try await fake.obeysLaw(DockerKey()).reason == "fetch it: another key is there")
    }

    @Test(arguments: [
        // Another key, none, and a second one behind the right one.
        "mC4EYAAAABYBAQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyAhIiMkJSYn", "",
        "mC4EYAAAABYAAQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyAhIiMkJSYn"
            + "mC4EYAAAABYAAQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyAhIiMkJSYn",
    ])
    func `another key is refused, and nothing is installed`(_ block: String) async throws {
        serve("-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n\(block)\n-----END PGP PUBLIC KEY BLOCK-----\n")
        let failure = await #expect(throws: Failure.self) { try await DockerKey().apply(on: fake.machine) }
        #expect(failure?.message.hasSuffix("instead of \(DockerKey.fingerprint)") == true)
        #expect(fake.files[DockerKey.path] == nil)
        #expect(try fake.files.list("/var/lib/propel/downloads") == [])
    }

    @Test func `packets of both formats are read, and broken ones are not`() {
        #expect(OpenPGPKey.primaryKeys([0x98, 2, 4, 1]) == [[4, 1]])
        #expect(OpenPGPKey.primaryKeys([0x99, 0, 2, 4, 1, 0xB4, 1, 65]) == [[4, 1]])
        #expect(OpenPGPKey.primaryKeys([0xC6, 2, 4, 1]) == [[4, 1]])
        #expect(OpenPGPKey.primaryKeys([0xC6, 192, 0] + [UInt8](repeating: 7, count: 192))?.first?.count == 192)
        for broken in [[0x98, 9, 4], [0x9B, 1], [0x18, 1, 4], [0xC6, 224, 4], [0xC6]] as [[UInt8]] {
            #expect(OpenPGPKey.primaryKeys(broken) == nil, "\(broken)")
        }
    }

    @Test func `the engine of Docker brings its repository and compose`() {
        let host = Host("test", runs: Debian.self) { Docker.Engine(from: .docker) }
        let names = host.steps.flatMap(\.names)
        for name in ["key of docker's packages", "apt: docker-ce", "apt: docker-compose-plugin"] {
            #expect(names.contains(name), "\(names)")
        }
        #expect(!names.contains("apt: docker.io") && host.problems.isEmpty && host.conflicts.isEmpty)
    }

    @Test func `an engine of the distribution is not exchanged`() async throws {
        fake.files.put("/var/lib/dpkg/status", FakeApt.package("docker.io", "install ok installed"))
        let failure = await #expect(throws: Failure.self) { try await fake.check(DockerPackage(.engine, "docker-ce")) }
        #expect(failure?.message == "docker-ce is declared, and docker.io is installed")
    }
}
