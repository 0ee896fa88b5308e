extension Stack {
    /// What would mount or build from the directory that is the stack's own: a change of its files would change what is built, and its
    /// secrets would be in the image or in a container that they are not meant for.
    var placeProblems: [String] {
        let own = directory.lexicallyNormalized()
        return containers.flatMap { container in
            var problems: [String] = []
            if case .directory(let source) = container.origin {
                let source = source.lexicallyNormalized()
                if source.starts(with: own) || own.starts(with: source) {
                    problems.append(
                        "the container \(container.name.escaped) is built from \(source.string.escaped), and the stack’s own files are in \(own): keep them apart"
                    )
                }
            }
            for bind in container.binds where bind.source.lexicallyNormalized().starts(with: own) {
                problems.append(
                    "the container \(container.name.escaped) has \(bind.source.string.escaped) mounted, and what is in \(own) is the stack’s own: give it a ConfigurationFile, or a Volume"
                )
            }
            return problems
        }
    }

    /// One name cannot be two images.
    var imageProblems: [String] {
        containers.map(\.image).duplicates.compactMap { image in
            let users = containers.filter { $0.image == image }
            guard let first = users.first, let other = users.first(where: { $0.origin != first.origin }) else {
                return nil
            }
            return
                "the image \(image.escaped) is \(first.origin.words) for \(first.name.escaped), and \(other.origin.words) for \(other.name.escaped): give one of them another name"
        }
    }

    /// What its volumes, networks and containers are called in docker: `a` with `b_c` and `a_b` with `c` make the same of it.
    var dockerNames: [Claim] {
        func claims(_ kind: String, _ names: [String], _ separator: String) -> [Claim] {
            names.map {
                Claim("the docker \(kind) \(name)\(separator)\($0)", is: "the \(kind) \($0) of the stack \(name)")
            }
        }
        return claims("volume", dataVolumes.map(\.name), "_") + claims("network", usedNetworks.map(\.key), "_")
            // As compose 1 and compose 2 call them.
            + claims("container", containers.map(\.name), "_") + claims("container", containers.map(\.name), "-")
    }
}

extension Container.Origin {
    fileprivate var words: String {
        switch self {
        case .registry: "pulled"
        case .directory(let directory): "built from \(directory.string.escaped)"
        case .archive(let archive): "loaded from \(archive.string.escaped)"
        }
    }
}
