import Foundation
import Propel
import Subprocess
import SystemPackage
import Testing

/// A repository that `propel init` makes, with a property, a stack and a secret that its owner adds.
@Suite struct OwnRepositoryTests {
    @Test(.machines) func `a repository with a property, a stack and a secret is deployed and tested`() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "propel-own-\(UUID().uuidString.prefix(8).lowercased())")
        let repository = OwnRepository(root: folder.appending(path: "machines"))
        let deployer = try await DeployerKey("anna@example.com")
        let machine = "own-\(UUID().uuidString.prefix(8).lowercased())"
        try CleanUp.current.add(folder.path) { try FileManager.default.removeItem(at: folder) }
        try await repository.create(for: machine)
        try CleanUp.current.add(machine) { _ = try await repository.propel("sandbox", "down", machine) }
        try await deploy(repository, to: machine, as: deployer)
        try await rebuild(repository, on: machine, as: deployer)
        try await runTests(of: repository)
    }

    private func deploy(_ repository: OwnRepository, to machine: String, as deployer: DeployerKey) async throws {
        let environment: [Environment.Key: String?] = ["GNUPGHOME": deployer.home]
        let key = try await repository.propel("key", "add", deployer.fingerprint, environment: environment)
        #expect(key.status == 0, "\(key)")
        let secret = try await repository.propel(
            "secret", "set", "greeting", "--for", machine, environment: environment, input: "hello from a secret")
        #expect(secret.status == 0, "\(secret)")

        let run = try await repository.propel(machine, environment: environment)
        try #require(run.status == 0, "\(run)")
        let found = try await repository.shell(
            on: machine, "cat /etc/motd; cat /etc/greeting; docker ps --format '{{.Names}}'")
        #expect(found.contains("This is \(machine)."), "\(found)")
        #expect(found.contains("hello from a secret"), "\(found)")
        #expect(found.contains("page"), "\(found)")
        let again = try await repository.propel(machine, environment: environment)
        #expect(again.status == 0 && again.output.contains("nothing changed"), "\(again)")
    }

    /// Prints how long a saved edit takes to be built, and how much of it is sent.
    private func rebuild(_ repository: OwnRepository, on machine: String, as deployer: DeployerKey) async throws {
        let role = try repository.text("Sources/Hosts/Server.swift")
        try repository.write(role.replacing("managed by Propel", with: "kept by Propel"), "Sources/Hosts/Server.swift")
        let began = ContinuousClock.now
        let built = try await repository.propel("hosts")
        print("own repository: \(ContinuousClock.now - began) from an edit to the new program")
        #expect(built.status == 0 && built.errors.contains("The configuration has changed: building."), "\(built)")
        try await deployDifference(repository, to: machine, as: deployer)

        try repository.write("import Foundation\n" + role, "Sources/Hosts/Server.swift")
        let refused = try await repository.propel("hosts")
        #expect(refused.status == 64 && refused.errors.contains("Sources/Hosts/Server.swift:1: “import Foundation”"))
        try repository.write(role + "let broken: Int = \"\"\n", "Sources/Hosts/Server.swift")
        let broken = try await repository.propel("hosts")
        #expect(broken.status == 64 && broken.errors.contains("Server.swift"), "\(broken)")
        try repository.write(role, "Sources/Hosts/Server.swift")
    }

    /// The machine has made the same program from the one that it had and a few bytes.
    private func deployDifference(
        _ repository: OwnRepository, to machine: String, as deployer: DeployerKey
    ) async throws {
        let run = try await repository.propel(machine, "--json", environment: ["GNUPGHOME": deployer.home])
        #expect(run.status == 0, "\(run)")
        let host = try #require(try run.lines.first { $0["kind"] == "host" }, "\(run)")
        let size = try #require(host["sent"]?["bytes"]?.integer, "\(run)")
        print("own repository: \(size) bytes sent after an edit")
        #expect(size <= 300_000)
        let base = try #require(host["sent"]?["base"]?.string, "not sent as a difference: \(run)")
        let files = try await repository.shell(
            on: machine, "cd /var/lib/propel/enforcers && sha256sum * && grep -h kept /etc/motd")
        #expect(files.contains("\(base)  \(base)"), "\(files)")
        let local = repository.root.appending(path: ".build/release/propel-enforce").resolvingSymlinksInPath()
        let hash = try await Configuration.run("sha256sum", [local.path]).prefix(64)
        #expect(hash != base && files.contains("\(hash)  \(hash)"), "\(files)")
        #expect(files.contains("kept by Propel"), "\(files)")
    }

    /// In the configuration that `./propel` builds, so that all but the tests is there already.
    private func runTests(of repository: OwnRepository) async throws {
        let tests = try await Configuration.run(
            "swift",
            [
                "test", "--configuration", "release", "-Xswiftc", "-Osize", "-Xswiftc", "-gnone", "-Xswiftc",
                "-Xfrontend", "-Xswiftc", "-function-sections", "--disable-testable-imports",
                "--no-color-diagnostics",
                "--package-path", repository.root.path, "--scratch-path", OwnRepository.build.path,
            ])
        #expect(tests.contains("passed"), "\(tests)")
    }
}

/// A repository that `propel init` has made, and that depends on this one by its path.
private struct OwnRepository {
    let root: URL

    /// Makes it, and adds to its role what the owner of a machine would.
    func create(for machine: String) async throws {
        let configuration = try Configuration(hosts: "")
        let made = try await configuration.propel([
            "init", root.path, "--no-git", "--propel", Configuration.repository.path,
        ])
        #expect(made.status == 0, "\(made)")
        let again = try await configuration.propel(["init", root.path, "--no-git"])
        #expect(again.status == 64 && again.errors.contains("nothing is overwritten"), "\(again)")
        try shareBuild()

        try write("[\(machine)]\nrole = \"server\"\nsandbox = true\n", "hosts.conf")
        try write(
            """
            import Properties

            /// A copy of a file of the machine.
            struct Copied: Property {
                typealias Target = DebianLike

                let file: FilePath
                let destination: FilePath

                var name: String { "\\(destination) copied from \\(file)" }

                func check(on machine: Machine) async throws -> Check {
                    try machine.files.status(of: destination) == nil ? .unmet("absent") : .satisfied
                }

                func apply(on machine: Machine) async throws {
                    try await machine.run("cp", "--", file.string, destination.string)
                }
            }

            """, "Sources/Hosts/Copied.swift")
        try write(
            text("Sources/Hosts/Server.swift").replacing(
                "    loginMessage(for: host.name)\n",
                with: """
                        loginMessage(for: host.name)
                        File("/etc/greeting", "\\(Secret("greeting"))\\n", mode: 0o600)
                        Docker.Engine()
                        Directory("/srv/source")
                        File("/srv/source/Dockerfile", "FROM scratch\\nCOPY busybox /bin/busybox\\nCMD \
                    [\\"/bin/busybox\\", \\"sleep\\", \\"600\\"]\\n")
                        Copied(file: "/bin/busybox", destination: \
                    "/srv/source/busybox").requires(Apt.Installed("busybox-static"))
                        Stack("page") { Container("page", image: "page", tag: "built", origin: \
                    .directory("/srv/source")) }

                    """), "Sources/Hosts/Server.swift")
    }

    /// The build of the fleet of the tests, which has everything but this package: Propel itself takes minutes. The
    /// programs in it are those of this package afterwards, so the fleet is built again when they are next needed.
    static let build = Configuration.fleet.appending(path: ".build")

    private func shareBuild() throws {
        try FileManager.default.createSymbolicLink(at: root.appending(path: ".build"), withDestinationURL: Self.build)
        // What was built is known by the paths of the sources, and the fleet reaches them by a link.
        let manifest = try text("Package.swift")
        let linked = manifest.replacing(
            "path: \"\(Configuration.repository.path)\"",
            with: "path: \"\(Configuration.fleet.appending(path: "Propel").path)\"")
        try #require(linked != manifest, "\(manifest)")
        try write(linked, "Package.swift")
    }

    func text(_ name: String) throws -> String {
        try String(contentsOf: root.appending(path: name), encoding: .utf8)
    }

    func write(_ text: String, _ name: String) throws {
        try text.write(to: root.appending(path: name), atomically: true, encoding: .utf8)
    }

    /// Runs its `./propel`.
    func propel(
        _ arguments: String..., environment: [Environment.Key: String?] = [:], input: String = ""
    ) async throws -> Answer {
        let result = try await Subprocess.run(
            .path(FilePath(root.appending(path: "propel").path)), arguments: Arguments(arguments),
            environment: .inherit.updating(environment).updating(["SWIFTPM_BUILD_DIR": Self.build.path]),
            workingDirectory: FilePath(root.path),
            platformOptions: .ownSession,
            input: .fileDescriptor(try inputFile(input.utf8), closeAfterSpawningProcess: true),
            output: .string(limit: 16 << 20), error: .string(limit: 16 << 20))
        guard case .exited(let status) = result.terminationStatus else {
            throw Unexpected("propel \(arguments): \(result)")
        }
        return Answer(status: status, output: result.standardOutput, errors: result.standardError)
    }

    /// Runs a shell command on a sandbox as root, and answers with what it prints.
    func shell(on machine: String, _ command: String) async throws -> String {
        let ssh = try await propel("sandbox", "shell", machine, "--print").output.split(whereSeparator: \.isWhitespace)
        return try await Configuration.run(
            String(try #require(ssh.first)), ssh.dropFirst().map(String.init) + [command])
    }
}
