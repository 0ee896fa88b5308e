import Foundation

extension TestMachine {
    /// Lets pytest-testinfra, which knows nothing of Propel, look at the machine over ssh.
    /// - Parameter file: the tests, in the folder of the system tests.
    /// - Returns: the report of pytest.
    /// - Throws: with that report if a test fails, or if there is none.
    func testinfra(_ file: String) async throws -> String {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "testinfra-\(UUID().uuidString.prefix(8).lowercased())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        // Version 7 of testinfra does not pass options to ssh, but for the name of a file that has them. It starts ssh
        // for each command; with a control path these are one connection.
        let shell = sandbox.shell(), settings = folder.appending(path: "ssh_config")
        let options = zip(shell, shell.dropFirst()).filter { $0.0 == "-o" }.map(\.1)
        try (options + ["BatchMode=yes", "IdentityFile=\(sandbox.identityFile)", "ControlPath=\(folder.path)/%C", ""])
            .joined(separator: "\n").write(to: settings, atomically: true, encoding: .utf8)
        let tests = Configuration.repository.appending(path: "Tests/SystemTests").appending(path: file).path
        return try await Configuration.run(
            "env",
            [
                "PYTHONDONTWRITEBYTECODE=1", "pytest-3", "-p", "no:cacheprovider", "--tb=short",
                "--hosts=ssh://\(sandbox.user)@\(sandbox.address)?controlpersist=5",
                "--ssh-config=\(settings.path)", tests,
            ])
    }
}
