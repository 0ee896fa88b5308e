/// The compose file of a stack, for both docker-compose 1.29 and compose 2 (<https://compose-spec.io>): without
/// `version`, which 1.29 does not need and 2 warns of, and without anything that only one of them knows.
///
/// Equal stacks give equal bytes. It contains no secret: variables, labels and words with secrets are in a file beside
/// it; see ``SecretFile``.
struct ComposeFile {
    let stack: Stack

    var text: String {
        """
        # The stack \(stack.name), as Propel deployed it. It is described in Swift: what is changed here is replaced.

        """ + document.document
    }

    /// The name of the stack that a compose file was written for; nil if Propel has not written it.
    static func stack(in bytes: [UInt8]) -> String? {
        let beginning = "# The stack ",
            line = String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
        guard line.hasPrefix(beginning), let comma = line.firstIndex(of: ",") else { return nil }
        return String(line[..<comma].dropFirst(beginning.count))
    }

    private var document: YAML {
        let volumes = stack.dataVolumes.filter { $0.directory == nil }.map { volume in
            // Created beforehand, so that compose never removes it.
            YAML.Entry(key: volume.name, value: ["name": .text(volume.source), "external": .bool(true)])
        }
        let networks = stack.usedNetworks.map { network in
            YAML.Entry(key: network.key, value: network.definition.mapStrings(escaped))
        }
        return .map(present: [
            "services": .map(stack.containers.map { YAML.Entry(key: $0.name, value: service($0)) }),
            "networks": networks.isEmpty ? nil : .map(networks),
            "volumes": volumes.isEmpty ? nil : .map(volumes),
        ])
    }

    /// The part of the file that describes a container.
    func text(of container: Container) -> String { service(container).document }

    private func service(_ container: Container) -> YAML {
        let variables = container.environment.compactMap { variable in
            variable.value.bytes.map {
                YAML.Entry(key: variable.name, value: literal(String(decoding: $0, as: UTF8.self)))
            }
        }
        let dependencies = container.dependencies.compactMap { dependency -> YAML.Entry? in
            let other = stack.container(named: dependency.name)
            // A deployment waits for one-shot containers. Compose would run them again, at boot too, and they may not
            // succeed twice.
            if other?.isOneShot == true { return nil }
            return YAML.Entry(
                key: dependency.name,
                value: ["condition": other?.healthCheck == nil ? "service_started" : "service_healthy"])
        }
        let mounts = mounts(of: container)
        let own: YAML = .map(present: [
            "image": .text(container.image),
            "command": container.command.flatMap {
                $0.secretWords.isEmpty ? .list($0.words.map(literal)) : nil
            },
            "restart": .text(container.restartPolicy.text),
            "depends_on": dependencies.isEmpty ? nil : .map(dependencies),
            "environment": variables.isEmpty ? nil : .map(variables),
            "ports": container.publishedPorts.isEmpty ? nil : .list(container.publishedPorts.map { .text($0) }),
            "volumes": mounts.isEmpty ? nil : .list(mounts),
            "network_mode": container.networkMode.map { .text($0.text) },
            "networks": stack.networkEntries(of: container),
            "healthcheck": container.ignoresImageHealthCheck
                ? ["disable": .bool(true)] : container.healthCheck.map { healthCheck($0, of: container) },
            "mem_limit": container.limits?.memory.map { .integer($0.bytes) },
            "cpus": container.limits?.cpus.map { .number($0) },
            "pids_limit": container.limits?.processes.map { .integer($0) },
        ])
        let further = container.keys.map { YAML.Entry(key: $0.name, value: $0.value.mapStrings(escaped)) }
        return .map(own.entries + further)
    }

    private func mounts(of container: Container) -> [YAML] {
        func mount(
            _ type: YAML, _ source: String, _ path: FilePath, isReadOnly: Bool,
            _ propagation: BindMount.Propagation = .rprivate
        ) -> YAML {
            .map(present: [
                "type": type, "source": literal(source), "target": literal(path.string),
                "read_only": isReadOnly ? .bool(true) : nil,
                // That of docker is left out.
                "bind": propagation == .rprivate ? nil : ["propagation": .text(propagation.rawValue)],
            ])
        }
        return container.volumes.map { volume in
            guard case .directory(let directory, _, _, _) = volume.place else {
                return mount("volume", volume.name, volume.path, isReadOnly: volume.isReadOnly)
            }
            return mount("bind", directory.string, volume.path, isReadOnly: volume.isReadOnly)
        }
            + container.binds.map {
                mount("bind", $0.source.string, $0.path, isReadOnly: $0.isReadOnly, $0.propagation)
            }
            + container.files.map { mount("bind", stack.path(of: $0, in: container).string, $0.path, isReadOnly: true) }
    }

    private func healthCheck(_ check: HealthCheck, of container: Container) -> YAML {
        .map(present: [
            "test": check.secretTest.isEmpty
                ? .list((container.traefik == nil ? check.test : ServedByTraefik.test(check)).map(literal)) : nil,
            "interval": .text(time(check.interval)),
            "timeout": .text(time(check.timeout)),
            "retries": .integer(check.retries),
            "start_period": check.startPeriod == .zero ? nil : .text(time(check.startPeriod)),
            "start_interval": check.startInterval.map { .text(time($0)) },
        ])
    }

    /// A string in which compose replaces no `$NAME`.
    private func literal(_ text: String) -> YAML { .text(escaped(text)) }

    private func escaped(_ text: String) -> String { Escaping.doubling("$").escape(text) }

    /// A duration in the syntax of compose: `5s`, `1500ms`.
    private func time(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        return attoseconds == 0 ? "\(seconds)s" : "\(seconds * 1000 + attoseconds / 1_000_000_000_000_000)ms"
    }
}
