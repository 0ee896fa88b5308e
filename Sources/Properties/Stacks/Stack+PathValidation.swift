extension Stack {
    /// Containers that mount or are built from the directory of the stack: a change of its files would change the
    /// image, and its secrets would get into an image or a container that they are not meant for.
    var pathProblems: [String] {
        let own = directory.lexicallyNormalized()
        return containers.flatMap { container in
            var problems: [String] = []
            if case .directory(let source, _, _, _) = container.origin {
                let source = source.lexicallyNormalized()
                if source.starts(with: own) || own.starts(with: source) {
                    problems.append(
                        "the container \(container.name.escaped) is built from \(source.string.escaped), but the "
                            + "files of the stack are in \(own): use another directory"
                    )
                }
            }
            for bind in container.binds where bind.source.lexicallyNormalized().starts(with: own) {
                problems.append(
                    "the container \(container.name.escaped) mounts \(bind.source.string.escaped), but \(own) "
                        + "belongs to the stack: use a ConfigurationFile or a Volume"
                )
            }
            return problems
        }
    }

    /// Image names with two origins.
    var imageProblems: [String] {
        containers.map(\.image).duplicates.compactMap { image in
            let users = containers.filter { $0.image == image }
            guard let first = users.first, let other = users.first(where: { $0.origin != first.origin }) else {
                return nil
            }
            return
                "the image \(image.escaped) is \(first.origin.words) for \(first.name.escaped), and "
                + "\(other.origin.words) for \(other.name.escaped): rename one of them"
        }
    }

    /// The names of its volumes, networks and containers in docker: those of `a` with `b_c` equal those of `a_b` with
    /// `c`.
    var dockerNames: [Claim] {
        func claims(_ kind: String, _ names: [String], _ separator: String) -> [Claim] {
            names.map {
                Claim("the docker \(kind) \(name)\(separator)\($0)", is: "the \(kind) \($0) of the stack \(name)")
            }
        }
        // One that the stack only reads is somebody else's.
        let written = Set(containers.flatMap(\.volumes).filter { !$0.isReadOnly }.map(\.name))
        let volumes = dataVolumes.filter { $0.directory == nil && written.contains($0.name) }.map {
            Claim("the docker volume \($0.source)", is: "the volume \($0.name) of the stack \(name)")
        }
        return volumes + claims("network", usedNetworks.filter { $0.dockerName == nil }.map(\.key), "_")
            // Compose 1.29 joins the names with “_”, compose 2 with “-”.
            + claims("container", containers.map(\.name), "_") + claims("container", containers.map(\.name), "-")
            + networks.flatMap { $0.claims(in: name) }
            + containers.compactMap { container in
                container.dockerName.map {
                    Claim(
                        "the docker container named \($0)", is: "the container \(container.name) of the stack \(name)")
                }
            }
    }
}

extension Container.Origin {
    fileprivate var words: String {
        switch self {
        case .registry: "pulled"
        case .directory(let directory, let dockerfile, let target, let arguments):
            "built from "
                + BuildContext(directory: directory, dockerfile: dockerfile, arguments: arguments, target: target)
                .description.escaped
        case .archive(let archive): "loaded from \(archive.string.escaped)"
        }
    }
}
