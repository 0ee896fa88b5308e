extension Stack {
    /// The problems of the description itself, whatever the machine.
    var problems: [String] {
        (nameProblems + containers.flatMap(problems) + pathProblems + imageProblems + portProblems + volumeProblems
            + dependencyProblems + partProblems + networkProblems + reachProblems + anonymizationProblems
            + copyProblems).map { "the stack \(name.escaped): \($0)" }
    }

    private var nameProblems: [String] {
        var problems: [String] = []
        func require(_ name: String, _ kind: String) {
            guard !Self.isName(name) else { return }
            problems.append(
                "invalid \(kind) name “\(name.escaped)”: use lowercase letters, digits, “-” and “_”, and begin with "
                    + "a letter or a digit"
            )
        }
        func requireOnce(_ names: [String], _ kind: String) {
            for name in names.duplicates { problems.append("two \(kind) have the name \(name.escaped)") }
        }
        require(name, "stack")
        containers.forEach { require($0.name, "container") }
        networks.forEach { require($0.name, "network") }
        dataVolumes.forEach { require($0.name, "volume") }
        requireOnce(containers.map(\.name), "containers")
        requireOnce(networks.map(\.name), "networks")
        if containers.isEmpty { problems.append("no container") }
        if !directory.isAbsolute || !directory.isLexicallyNormal || directory.components.count < 2 {
            problems.append("invalid directory “\(directory.string.escaped)”: use one such as /srv/\(name)")
        }
        let own = Set(containers.map(\.name))
        for network in networks where layout == .byDependency && own.contains(network.name) {
            problems.append(
                "the network \(network.name) has the name of a container, which has a network of that name already")
        }
        return problems
    }

    /// Whether compose accepts a name.
    static func isName(_ name: String) -> Bool {
        guard let first = name.utf8.first, first.isASCIILetterOrDigit, name.utf8.count <= 63 else { return false }
        return name.utf8.allSatisfy { $0.isASCIILowercase || $0.isASCIIDigit || "-_".utf8.contains($0) }
    }

    private static let noFacts = ": a stack has the same files on every machine; mount a File that has it"

    private func problems(of container: Container) -> [String] {
        var problems: [String] = []
        func add(_ problem: String) { problems.append("the container \(container.name.escaped) \(problem)") }
        container.partProblems.forEach { add("has a problem: \($0)") }
        for variable in container.environment {
            let name = variable.name
            if !Environment.isName(name) {
                add(
                    "has a variable “\(name.escaped)”: use letters, digits, “_”, “.” and “-”, and begin with a letter "
                        + "or “_”"
                )
            }
            if !variable.value.facts.isEmpty { add("has a fact in the variable \(name.escaped)\(Self.noFacts)") }
            if !variable.value.sources.isEmpty {
                add("has a file of the repository in the variable \(name.escaped): mount it with a ConfigurationFile")
            }
            if variable.value.bytes?.contains(0) == true { add("has a NUL in the variable \(name.escaped)") }
        }
        for name in container.environment.map(\.name).duplicates { add("has the variable \(name.escaped) twice") }
        for file in container.files {
            if !file.content.facts.isEmpty { add("has a fact in \(file.path.string.escaped)\(Self.noFacts)") }
            if let problem = file.mode.problem {
                add("mounts \(file.path.string.escaped) with an invalid mode: \(problem)")
            }
        }
        let paths =
            container.volumes.map(\.path) + container.binds.map(\.path) + container.files.map(\.path)
            + container.tmpfsPaths
        // The root of the machine can be mounted, though not the one of the container.
        for path in paths + container.binds.map(\.source).filter({ $0 != "/" })
        where !path.isAbsolute || !path.isLexicallyNormal || path.lastComponent == nil {
            add("mounts “\(path.string.escaped)”: use an absolute path")
        }
        for path in paths.map(\.string).duplicates { add("mounts two things at \(path.escaped)") }
        networkProblems(of: container).forEach(add)
        for name in container.dependencies.map(\.name).duplicates { add("depends on \(name.escaped) twice") }
        for address in container.ports.compactMap(\.address) where !IPAddress.isValid(address) {
            add(
                "publishes on the invalid address “\(address.escaped)”: use an IPv4 or IPv6 address such as "
                    + "127.0.0.1 or ::1"
            )
        }
        if !Docker.Image.isName(container.image) { add("has the invalid image “\(container.image.escaped)”") }
        if let check = container.healthCheck,
            check.retries < 1 || check.interval <= .zero || check.timeout <= .zero || check.startPeriod < .zero
        {
            add("has a health check without a retry, or with an interval or timeout of zero")
        }
        if let limits = container.limits,
            (limits.memory?.bytes ?? .max) < 6 << 20 || (limits.cpus ?? 1) <= 0 || (limits.processes ?? 1) < 1
        {
            add("has resource limits that are too low: the least are 6 MiB of memory, more than 0 CPUs, and 1 process")
        }
        return problems
    }

    private var portProblems: [String] {
        struct Listener {
            var container: String
            var port: Publish
        }
        var problems: [String] = []
        var known: [Port: [Listener]] = [:]
        for container in containers {
            for port in container.ports {
                for one in port.allPorts {
                    // The same port of two addresses is no conflict, unless one of them is all addresses.
                    let other = known[one]?.first {
                        $0.port.address == port.address || $0.port.address == nil || port.address == nil
                    }
                    if let other {
                        problems.append("port \(one) is published by both \(other.container) and \(container.name)")
                    }
                    known[one, default: []].append(Listener(container: container.name, port: port))
                }
                if port.port.number == 0 || port.containerPort == 0 {
                    problems.append("the container \(container.name) publishes port 0: use 1 to 65535")
                }
            }
        }
        return problems
    }

    private var dependencyProblems: [String] {
        var problems: [String] = []
        let names = Set(containers.map(\.name))
        for container in containers {
            for dependency in container.dependencies where !names.contains(dependency.name) {
                problems.append(
                    "the container \(container.name) depends on \(dependency.name.escaped), which the stack does "
                        + "not have"
                )
            }
        }
        if let dependencyCycle { problems.append("dependency cycle: \(dependencyCycle.joined(separator: " → "))") }
        return problems
    }

    /// Containers each of which depends on the next, and the last on the first; nil without a cycle.
    private var dependencyCycle: [String]? {
        let dependencies = Dictionary(containers.map { ($0.name, $0.predecessors) }) { first, _ in first }
        var done: Set<String> = []
        func search(_ name: String, _ path: [String]) -> [String]? {
            if let start = path.firstIndex(of: name) { return Array(path[start...]) + [name] }
            guard done.insert(name).inserted || path.isEmpty else { return nil }
            for next in dependencies[name] ?? [] {
                if let cycle = search(next, path + [name]) { return cycle }
            }
            return nil
        }
        for container in containers {
            if let cycle = search(container.name, []) { return cycle }
        }
        return nil
    }
}

extension [String] {
    /// The elements that occur more than once, each once.
    var duplicates: [String] {
        var seen: Set<String> = []
        return filter { !seen.insert($0).inserted }.unique(by: \.self)
    }
}

extension Sequence {
    /// The elements without those whose key an earlier one has.
    func unique<Key: Hashable>(by key: (Element) -> Key) -> [Element] {
        var seen: Set<Key> = []
        return filter { seen.insert(key($0)).inserted }
    }
}
