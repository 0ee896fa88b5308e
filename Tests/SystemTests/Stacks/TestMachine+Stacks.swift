import Testing

extension TestMachine {
    /// Packages for a machine that has docker from the start, where its installation is no part of the test; and what
    /// images are made of.
    static let docker = ["docker.io", "docker-compose", "busybox-static", "curl"]

    /// Installs docker and compose, and nothing else of the role.
    func installDocker() async throws {
        let docker = try await configuration.propel(name, "--only", "docker", "--only", "docker compose")
        guard docker.status == 0 else { throw Unexpected("\(docker)") }
    }

    /// Runs the role once more, and expects that every property holds already.
    func expectNothingToDo(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        try await configuration.propel(json: name).expectNoChange(sourceLocation: sourceLocation)
    }
}
