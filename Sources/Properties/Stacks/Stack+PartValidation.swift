extension Stack {
    /// The problems with what containers share with others, and with names in docker.
    var partProblems: [String] {
        let names = Set(containers.map(\.name))
        let owners = containers.flatMap { container in
            container.namespaceOwners.filter { !names.contains($0) }.map {
                "the container \(container.name) shares processes or memory with \($0.escaped), which the stack does "
                    + "not have"
            }
        }
        let twice = containers.compactMap(\.dockerName).duplicates.map { "two containers have the ContainerName \($0)" }
        return owners + twice
    }
}

extension Container {
    /// The name that it has in docker, if the description says it.
    var dockerName: String? { value(of: "container_name")?.string }

    /// The names of the containers that are started before it.
    var predecessors: [String] { dependencies.map(\.name) + namespaceOwners }
}
