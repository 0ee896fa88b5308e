import PropelTesting
import Yams

@testable import Properties

/// Compose recreates a container if its description or image has changed, and leaves it alone where not.
extension FakeDocker {
    private func services(_ paths: [FilePath]) throws -> [String: [String: Any]] {
        var services: [String: [String: Any]] = [:]
        for path in paths {
            let document = try load(yaml: String(decoding: try files.read(path), as: UTF8.self)) as? [String: Any]
            for (name, service) in document?["services"] as? [String: [String: Any]] ?? [:] {
                services[name, default: [:]].merge(service) { old, new in
                    if let old = old as? [String: Any], let new = new as? [String: Any] {
                        return old.merging(new) { $1 }
                    }
                    return new
                }
            }
        }
        return services
    }

    /// The names of the volumes in docker, by those in the files.
    private func volumes(_ paths: [FilePath], of project: String) throws -> [String: String] {
        var names: [String: String] = [:]
        for path in paths {
            let document = try load(yaml: String(decoding: try files.read(path), as: UTF8.self)) as? [String: Any]
            for (name, volume) in document?["volumes"] as? [String: Any] ?? [:] {
                names[name] = (volume as? [String: Any])?["name"] as? String ?? "\(project)_\(name)"
            }
        }
        return names
    }

    func compose(_ command: Invocation) throws -> CommandResult {
        state.withLock { $0.before }?(command)
        let arguments = command.arguments
        if arguments.first == "version" { return .printing(state.withLock(\.composeVersion) + "\n") }
        let paths = arguments.indices.filter { arguments[$0] == "--file" }.map { FilePath(arguments[$0 + 1]) }
        let services = try services(paths), volumeNames = try volumes(paths, of: arguments[1])
        if arguments.contains("config") {
            guard services.values.allSatisfy({ $0["image"] is String }) else {
                return .failing(1, "a service has no image")
            }
            return .printing(arguments.contains("--services") ? services.keys.sorted().map { "\($0)\n" }.joined() : "")
        }
        guard arguments.contains("up") else { return .failing(1, "unknown command") }
        return try state.withLock { state in
            if let refusal = state.refusal { return refusal }
            let isForced = arguments.contains("--force-recreate"), isStarting = !arguments.contains("--no-start")
            let named = Set(arguments.drop { $0 != "up" }.filter { services[$0] != nil })
            for (name, service) in services.sorted(by: { $0.key > $1.key }) where named.isEmpty || named.contains(name)
            {
                let description = try Yams.dump(object: service, sortKeys: true),
                    image = service["image"] as? String ?? ""
                guard let imageID = state.id(of: image) else { return .failing(1, "there is no image \(image)") }
                // What another one is for makes a second container, and leaves the first one alone.
                let isBeside = arguments.contains("\(name)=2") && state.containers[name] != nil
                let spare = state.containers.values.filter { $0.name == name && !$0.isTemporary }.count
                if spare > 1 { return .failing(1, "\(name) is there \(spare) times: one would be removed") }
                let key = isBeside ? "\(name)#2" : name
                let isSame =
                    state.containers[key].map { $0.description == description && $0.imageID == imageID } ?? false
                if !isSame || isForced {
                    state.made += 1
                    let ports = (service["ports"] as? [String] ?? []).map {
                        String($0.split(separator: ":").dropLast().last ?? "")
                    }.filter { !$0.isEmpty }
                    // Files of the project itself are no data.
                    let mounts = (service["volumes"] as? [[String: Any]] ?? []).map { mount in
                        let source = mount["source"] as? String ?? ""
                        return (mount["target"] as? String ?? "", volumeNames[source] ?? source)
                    }.filter {
                        !$0.1.hasPrefix(arguments[3] + "/files/") && !$0.1.hasPrefix(arguments[3] + "/secrets/")
                    }
                    state.containers[key] = Container(
                        id: "\(name)-\(state.made)", name: name, image: image, imageID: imageID,
                        description: description,
                        ports: Set(ports), volumes: Set(mounts.map(\.1)),
                        state: "created", status: "Created",
                        labels: [
                            "com.docker.compose.project.working_dir": arguments[3],
                            "com.docker.compose.project.config_files": paths.map(\.string).joined(separator: ","),
                        ],
                        mounts: Dictionary(mounts) { first, _ in first },
                        networkMode: try state.networkMode(of: service))
                }
                let owner = state.containers[key]?.networkMode ?? ""
                if isStarting, owner.hasPrefix("container:"),
                    !state.containers.values.contains(where: { owner == "container:" + $0.id && $0.state == "running" })
                {
                    return .failing(1, "\(name): cannot join the network of a container that does not run: \(owner)")
                }
                guard isStarting, state.containers[key]?.state != "running" else { continue }
                let usual =
                    service["restart"] as? String == "no"
                    ? "Exited (0) 1 second ago" : service["healthcheck"] == nil ? "Up AGE" : "Up 1 second (healthy)"
                let status = state.statuses[imageID] ?? state.statuses[image] ?? usual
                // As the engine does it: the second one does not get the port.
                let own = state.containers[key]?.ports ?? [], volumes = state.containers[key]?.volumes ?? []
                let fixed = own.filter { !$0.contains("-") }
                for (other, one) in state.containers where other != key && one.state == "running" {
                    if !one.ports.isDisjoint(with: fixed) { return .failing(1, "\(name): port is already allocated") }
                    if !one.volumes.isDisjoint(with: volumes), one.description.contains("DATABASE"),
                        description.contains("DATABASE")
                    {
                        return .failing(1, "\(name): another database is in the volume")
                    }
                }
                if let range = own.first(where: { $0.contains("-") }) {
                    guard let port = state.freePort(of: range) else {
                        return .failing(1, "\(name): port is already allocated")
                    }
                    state.containers[key]?.chosenPort = port
                }
                state.containers[key]?.state = status.hasPrefix("Exited") ? "exited" : "running"
                state.containers[key]?.status = status
            }
            return .printing()
        }
    }
}

extension FakeDocker.State {
    /// The port of a range, such as `8080-8081`, that no container has.
    fileprivate func freePort(of range: String) -> UInt16? {
        let ends = range.split(separator: "-").compactMap { UInt16($0) }
        let taken = containers.values.filter { $0.state == "running" }.compactMap(\.chosenPort)
        return ends.count == 2 ? (ends[0]...ends[1]).first { !taken.contains($0) } : nil
    }

    /// As compose passes it on: with the ID of the container.
    fileprivate func networkMode(of service: [String: Any]) throws -> String {
        let mode = service["network_mode"] as? String ?? ""
        guard mode.hasPrefix("service:") else { return mode }
        guard let owner = containers[String(mode.dropFirst(8))] else { throw Failure("\(mode) is missing") }
        return "container:" + owner.id
    }
}
