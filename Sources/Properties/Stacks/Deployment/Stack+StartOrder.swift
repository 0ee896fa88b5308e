extension Stack {
    /// The elements in levels: those without dependencies among the others, those that depend only on these, and so on.
    /// - Parameter name: the name of the container that an element stands for.
    func levels<Element>(of elements: [Element], by name: (Element) -> String) -> [[Element]] {
        let dependencies = Dictionary(containers.map { ($0.name, $0.predecessors) }) { first, _ in first }
        var levels: [[Element]] = [], open = elements
        while !open.isEmpty {
            let names = Set(open.map(name))
            func isReady(_ element: Element) -> Bool {
                !(dependencies[name(element)] ?? []).contains { names.contains($0) }
            }
            let level = open.filter(isReady)
            // Validation reports a dependency cycle.
            guard !level.isEmpty else { return levels + [open] }
            levels.append(level)
            open.removeAll(where: isReady)
        }
        return levels
    }
}

extension Stack {
    /// Whether a container is restarted when another one is replaced.
    var restartsDependents: Bool { containers.contains { $0.dependencies.contains(where: \.restarts) } }
}

extension Container {
    /// Whether it is restarted when one of these containers is replaced.
    func isRestarted(with names: Set<String>) -> Bool {
        dependencies.contains { $0.restarts && names.contains($0.name) }
    }
}
