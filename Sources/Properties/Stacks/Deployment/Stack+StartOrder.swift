extension Stack {
    /// Those that depend on none of the others, those that depend on these alone …
    /// - Parameter name: of the container that an element stands for.
    func levels<Element>(of elements: [Element], by name: (Element) -> String) -> [[Element]] {
        let dependencies = Dictionary(containers.map { ($0.name, $0.dependencies.map(\.name)) }) { first, _ in first }
        var levels: [[Element]] = [], open = elements
        while !open.isEmpty {
            let names = Set(open.map(name))
            func isReady(_ element: Element) -> Bool {
                !(dependencies[name(element)] ?? []).contains { names.contains($0) }
            }
            let level = open.filter(isReady)
            // A circle is a problem that is found elsewhere.
            guard !level.isEmpty else { return levels + [open] }
            levels.append(level)
            open.removeAll(where: isReady)
        }
        return levels
    }
}
