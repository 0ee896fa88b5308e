extension Stack {
    /// The same stack with the contents of its files of the repository. As with a literal content, another content
    /// has another name on the machine then, and recreates the container.
    /// - Throws: ``Failure`` if one of them does not arrive.
    public func resolved(on machine: Machine) async throws -> Stack {
        var stack = self
        for (index, container) in containers.enumerated() where container.files.contains(where: \.isOfRepository) {
            var files: [ConfigurationFile] = []
            for file in container.files { files.append(try await file.resolved(on: machine)) }
            stack.containers[index].files = files
        }
        for (index, container) in stack.containers.enumerated() {
            stack.containers[index] = try await container.withVariables(on: machine)
        }
        return stack
    }
}

extension ConfigurationFile {
    fileprivate var isOfRepository: Bool { !content.sources.isEmpty }

    fileprivate func resolved(on machine: Machine) async throws -> ConfigurationFile {
        guard isOfRepository else { return self }
        var mode = mode
        if isExecutableAsInRepository, let file = content.repositoryFile {
            mode = mode.executable(if: try machine.repository.manifest.content(of: file).isExecutable)
        }
        return ConfigurationFile(path, try await content.resolved(on: machine), mode: mode, owner: owner)
    }
}
