extension StackContext {
    /// - Throws: ``Failure`` if the stack has keys that the compose of the machine does not know. It is asked only if
    ///   there are such keys.
    func refuseUnknownKeys() async throws {
        guard let unknown = stack.keysUnknownBefore2.first, try await hasCompose1() else { return }
        throw Failure(
            "the container \(unknown.container) of \(stack.name) has “\(unknown.key)”, which docker-compose 1.29 of "
                + "this machine does not know",
            advice: unknown.key == "gpus"
                ? "Use the part GPUs, which both versions know."
                : "Leave it out, or install compose 2: the package docker-compose of Debian 13, or "
                    + "docker-compose-plugin from docker's own repository beside docker-ce.")
    }

    /// Whether compose 1.29 will read the file: it is there, or the distribution's package brings it.
    private func hasCompose1() async throws -> Bool {
        if try DockerPackage.hasComposePlugin(machine) { return false }
        if try machine.files.status(of: "/usr/bin/docker-compose") != nil {
            let answer = try await machine.run(Invocation("docker-compose", ["version", "--short"]))
            return answer.text.trimmed.hasPrefix("1.")
        }
        let system = try await machine.fact(OperatingSystem.self), status = try await machine.fact(DpkgStatus.self)
        let isOthers = status.isPresent("docker-ce") || status.isPresent("moby-engine")
        return !isOthers && ["debian", "raspbian"].contains(system.id) && system.release.map { $0 < 13 } ?? false
    }
}
