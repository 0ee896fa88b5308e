extension Stack {
    /// What is wrong with the description itself, whatever the machine, in words.
    var problems: [String] {
        (nameProblems + containers.flatMap(problems) + placeProblems + imageProblems + portProblems + volumeProblems
            + dependencyProblems + anonymizationProblems).map { "the stack \(name.escaped): \($0)" }
    }

    private var nameProblems: [String] {
        var problems: [String] = []
        func require(_ name: String, _ kind: String) {
            guard !Self.isName(name) else { return }
            problems.append(
                "“\(name.escaped)” is no name of \(kind): it has small letters, digits, - and _, and begins with a letter or a digit"
            )
        }
        func requireOnce(_ names: [String], _ kind: String) {
            for name in names.duplicates { problems.append("there are two \(kind) \(name.escaped)") }
        }
        require(name, "a stack")
        containers.forEach { require($0.name, "a container") }
        networks.forEach { require($0.name, "a network") }
        dataVolumes.forEach { require($0.name, "a volume") }
        requireOnce(containers.map(\.name), "containers")
        requireOnce(networks.map(\.name), "networks")
        if containers.isEmpty { problems.append("it has no container") }
        if !directory.isAbsolute || !directory.isLexicallyNormal || directory.components.count < 2 {
            problems.append("“\(directory.string.escaped)” is no directory of its own for it, such as /srv/\(name)")
        }
        let own = Set(containers.map(\.name))
        for network in networks where own.contains(network.name) {
            problems.append("the network \(network.name) has the name of a container: that of those who depend on it")
        }
        return problems
    }

    static func isName(_ name: String) -> Bool {
        guard let first = name.utf8.first, first.isASCIILetterOrDigit, name.utf8.count <= 63 else { return false }
        return name.utf8.allSatisfy {
            ($0.isASCIILetterOrDigit || "-_".utf8.contains($0)) && !(0x41...0x5A).contains($0)
        }
    }

    private func problems(of container: Container) -> [String] {
        var problems: [String] = []
        func add(_ problem: String) { problems.append("the container \(container.name.escaped) \(problem)") }
        container.partProblems.forEach { add("has a problem in it: \($0)") }
        for variable in container.environment {
            let name = variable.name
            let isPlain =
                name.utf8.first.map { !(0x30...0x39).contains($0) } == true
                && name.utf8.allSatisfy { $0.isASCIILetterOrDigit || $0 == UInt8(ascii: "_") }
            if !isPlain {
                add("has a variable “\(name.escaped)”: a name has letters, digits and _, and begins with no digit")
            }
            if variable.value.bytes?.contains(0) == true { add("has a zero byte in \(name.escaped)") }
        }
        for name in container.environment.map(\.name).duplicates { add("has the variable \(name.escaped) twice") }
        let paths = container.volumes.map(\.path) + container.binds.map(\.path) + container.files.map(\.path)
        for path in paths + container.binds.map(\.source)
        where !path.isAbsolute || !path.isLexicallyNormal || path.lastComponent == nil {
            add("has “\(path.string.escaped)” mounted: write a path from the root on")
        }
        for path in paths.map(\.string).duplicates { add("has two things mounted at \(path.escaped)") }
        for network in container.networks where !networks.contains(where: { $0.name == network.network }) {
            add("joins the network \(network.network.escaped), which the stack does not have")
        }
        for name in container.networks.map(\.network).duplicates { add("joins the network \(name.escaped) twice") }
        for name in container.dependencies.map(\.name).duplicates { add("depends on \(name.escaped) twice") }
        for address in container.ports.compactMap(\.address) where !IPAddress.isValid(address) {
            add(
                "is to be reached on “\(address.escaped)”, which is no address: write 127.0.0.1 or ::1, without a name, a port or brackets"
            )
        }
        if container.image.hasPrefix("-")
            || !container.image.utf8.allSatisfy({ $0.isASCIILetterOrDigit || "._-/:@".utf8.contains($0) })
        {
            add("has no image that can be: “\(container.image.escaped)”")
        }
        if let check = container.healthCheck,
            check.retries < 1 || check.interval <= .zero || check.timeout <= .zero || check.startPeriod < .zero
        {
            add("has a health check with no time, or no try")
        }
        if let limits = container.limits,
            (limits.memory?.bytes ?? .max) < 6 << 20 || (limits.cpus ?? 1) <= 0 || (limits.processes ?? 1) < 1
        {
            add("has a limit with which nothing runs: 6 MiB of memory, some of a processor and a process are the least")
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
                // A port of one address and the same port of another do not get in each other's way; that of all addresses does.
                let other = known[port.port]?.first {
                    $0.port.address == port.address || $0.port.address == nil || port.address == nil
                }
                if let other {
                    problems.append(
                        "the port \(port.port) of the machine is \(other.container)’s and \(container.name)’s")
                }
                known[port.port, default: []].append(Listener(container: container.name, port: port))
                if port.port.number == 0 || port.containerPort == 0 {
                    problems.append("the container \(container.name) has the port 0, which is none")
                }
            }
        }
        return problems
    }

    private var volumeProblems: [String] {
        dataVolumes.flatMap { volume in
            let uses = containers.flatMap { container in container.volumes.filter { $0.name == volume.name } }
            let methods = Set(uses.map(\.backup)).subtracting([.archive(while: .stopped)])
            return (methods.count > 1 ? ["the volume \(volume.name) is to be backed up in two ways"] : [])
                + (uses.allSatisfy(\.isReadOnly) ? ["nobody may write the volume \(volume.name)"] : [])
        }
    }

    private var dependencyProblems: [String] {
        var problems: [String] = []
        let names = Set(containers.map(\.name))
        for container in containers {
            for dependency in container.dependencies where !names.contains(dependency.name) {
                problems.append(
                    "the container \(container.name) depends on \(dependency.name.escaped), which the stack does not have"
                )
            }
        }
        if let circle { problems.append("its containers wait for each other: \(circle.joined(separator: " → "))") }
        return problems
    }

    /// Containers each of which depends on the next, and the last on the first; nil where there are none.
    private var circle: [String]? {
        let dependencies = Dictionary(containers.map { ($0.name, $0.dependencies.map(\.name)) }) { first, _ in first }
        var done: Set<String> = []
        func search(_ name: String, _ path: [String]) -> [String]? {
            if let start = path.firstIndex(of: name) { return Array(path[start...]) + [name] }
            guard done.insert(name).inserted || path.isEmpty else { return nil }
            for next in dependencies[name] ?? [] {
                if let circle = search(next, path + [name]) { return circle }
            }
            return nil
        }
        for container in containers {
            if let circle = search(container.name, []) { return circle }
        }
        return nil
    }
}

extension [String] {
    /// Those that are there more than once, each once.
    var duplicates: [String] {
        var seen: Set<String> = [], twice: [String] = []
        for element in self where !seen.insert(element).inserted && !twice.contains(element) { twice.append(element) }
        return twice
    }
}
