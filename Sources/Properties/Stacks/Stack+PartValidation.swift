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
        let jobs = containers.filter { $0.restartPolicy.condition == .untilSuccess && $0.healthCheck != nil }.map {
            "the container \($0.name) has RestartPolicy(.untilSuccess) and a HealthCheck: it does one job, or it runs: "
                + "keep one"
        }
        return owners + twice + jobs + containers.flatMap(\.traefikProblems)
    }
}

extension Container {
    /// The name that it has in docker, if the description says it.
    var dockerName: String? { value(of: "container_name")?.string }

    /// The names of the containers that are started before it.
    var predecessors: [String] { dependencies.map(\.name) + borrowedFrom }

    /// The names of the containers of the stack whose network, processes or memory it has.
    var borrowedFrom: [String] {
        if case .container(let name) = networkMode { [name] + namespaceOwners } else { namespaceOwners }
    }

    /// The ports that docker publishes, as in the compose file: a program in the network of the machine listens there
    /// itself.
    var publishedPorts: [String] { networkMode == .host ? [] : ports.map(\.text) + freePorts.map(\.text) }

    /// Whether docker publishes a port of it.
    var publishesPorts: Bool { !ports.isEmpty || !freePorts.isEmpty }
}
