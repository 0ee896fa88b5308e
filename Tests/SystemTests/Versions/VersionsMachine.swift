import Foundation
import PropelTesting
import Sandbox

/// A machine of the role `versions`, with docker and the images of its stack, which cannot be pulled.
struct VersionsMachine {
    let machine: TestMachine

    /// Boots one that the end of the test removes. Its entry has the tag 1, which is not deployed yet.
    static func up() async throws -> VersionsMachine {
        let versions = VersionsMachine(
            machine: try await TestMachine.up(role: "versions", keys: "tag = \"1\"", packages: TestMachine.docker))
        try versions.copy("Versions/build-versions")
        try await versions.machine.ssh("/root/build-versions")
        return versions
    }

    /// Copies a file of the system tests to the home of root.
    private func copy(_ file: String) throws {
        let source = Configuration.repository.appending(path: "Tests/SystemTests/\(file)")
        try copyProgram(from: source.path, to: "\(machine.disk)/root/root/\(source.lastPathComponent)")
    }

    /// The entry of the machine in hosts.conf.
    func entry(tag: Int, keys: String = "") -> String {
        "[\(machine.name)]\nrole = \"versions\"\nsandbox = true\ntag = \"\(tag)\"\n\(keys)\n"
    }

    /// The tag of the image that the stack runs.
    func running() async throws -> String { try await machine.ssh("docker ps --format '{{.Image}}'") }
}
