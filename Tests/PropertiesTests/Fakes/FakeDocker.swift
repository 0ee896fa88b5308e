import PropelTesting
import Synchronization
import Yams

@testable import Properties

/// A docker engine with compose, as far as a stack asks for it: it recreates a container if its description or image
/// has changed, and leaves it alone where not.
final class FakeDocker: Sendable {
    struct Container: Equatable {
        var id: String
        /// By the name under which it was asked for.
        var image: String
        var imageID: String
        var description: String
        var ports: Set<String> = []
        var volumes: Set<String> = []
        var state = "running"
        var status = "Up 1 second"
    }

    struct State {
        /// The answer of docker instead of executing a command; nil to execute it.
        var failure: (@Sendable (Invocation) -> CommandResult?)?
        var containers: [String: Container] = [:]
        var volumes: Set<String> = []
        /// The ID of each image name. A name that was not set is its own ID.
        var images: [String: String] = [:]
        /// The labels of images, by their IDs.
        var labels: [String: [String: String]] = [:]
        /// The images that somebody has removed.
        var removedImages: Set<String> = []
        /// The status of a running container, by the name or the ID of its image.
        var statuses: [String: String] = [:]
        /// For how many seconds a container has run when docker is asked for the next time; the last counts on.
        var ages: [Int] = [60]
        var made = 0
        /// The answer of `docker-compose up` instead of executing it.
        var refusal: CommandResult?
        /// Called before docker or compose executes a command.
        var before: (@Sendable (Invocation) -> Void)?
    }

    let state = Mutex(State())
    private let files: FakeFileSystem

    init(on fake: FakeMachine) {
        files = fake.files
        fake.files.put("/usr/bin/docker-compose", "")
        fake.commands.program("docker") { [self] in try docker($0) }
        fake.commands.program("docker-compose") { [self] in try compose($0) }
    }

    var containers: [String: Container] { state.withLock { $0.containers } }
    var images: [String: String] { state.withLock { $0.images } }

    /// Gives a name to an image.
    func bring(_ name: String, _ id: String) { state.withLock { $0.images[name] = id } }

    private func docker(_ command: Invocation) throws -> CommandResult {
        if let answer = state.withLock({ $0.failure })?(command) { return answer }
        state.withLock { $0.before }?(command)
        return state.withLock { state in
            let words = command.arguments
            switch words.first {
            case "ps":
                let age = state.ages.first ?? 60
                if state.ages.count > 1 { state.ages.removeFirst() }
                let lines = state.containers.sorted { $0.key < $1.key }.map { name, one in
                    let image = Self.id(of: one.image, state) == one.imageID ? one.image : one.imageID
                    return
                        "\(one.id)\t\(name)\t\(image)\t\(one.state)\t\(one.status.replacing("AGE", with: "\(age) seconds"))\n"
                }
                return .printing(lines.joined())
            case "inspect" where words.contains { $0.contains("RestartPolicy") }:
                let service = state.containers.values.first { $0.id == words.last }.flatMap {
                    try? load(yaml: $0.description) as? [String: Any]
                }
                return .printing("\(service?["restart"] as? String ?? "no")\n")
            case "inspect":
                let lines = state.containers.values.filter { words.contains($0.id) }.map { one in
                    words.contains { $0.contains("PortBindings") }
                        ? "\(one.id)\t{\(one.ports.sorted().map { "\"80/tcp\":[{\"HostIp\":\"\",\"HostPort\":\"\($0)\"}]" }.joined(separator: ","))}\t[\(one.volumes.sorted().map { "{\"Type\":\"volume\",\"Name\":\"\($0)\"}" }.joined(separator: ","))]\n"
                        : "\(one.id)\t\(one.imageID)\n"
                }
                return .printing(lines.joined())
            case "image": return Self.image(Array(words.dropFirst()), &state)
            case "volume": return .printing(state.volumes.map { "\($0)\n" }.joined())
            case "stop":
                for (name, one) in state.containers where words.contains(one.id) {
                    state.containers[name]?.state = "exited"
                    state.containers[name]?.status = "Exited (137) 1 second ago"
                }
                return .printing()
            case "rm":
                state.containers = state.containers.filter { !words.contains($0.value.id) }
                return .printing()
            case "logs":
                return CommandResult(
                    ending: .exited(0), output: Array("it starts\n".utf8), errors: Array("it is sick\n".utf8))
            default: return .failing(1, "unknown command")
            }
        }
    }

    /// The ID of the image with a name; nil if there is no such image.
    private static func id(of name: String, _ state: State) -> String? {
        let id =
            state.images[name]
            ?? (name.hasPrefix("propel.localhost/") ? nil : name.hasPrefix("sha256:") ? name : "sha256:\(name)")
        return id.flatMap { state.removedImages.contains($0) ? nil : $0 }
    }

    private static func image(_ words: [String], _ state: inout State) -> CommandResult {
        switch words.first {
        case "inspect":
            guard let id = id(of: words.last ?? "", state) else {
                return .failing(1, "Error: No such image: \(words.last ?? "")\n")
            }
            let labels = state.labels[id].map { "\(JSON.object($0.mapValues(JSON.string)))" } ?? "null"
            return .printing("\"\(id)\" \(labels)\n")
        case "tag":
            guard let id = id(of: words[1], state) else { return .failing(1, "Error: No such image: \(words[1])\n") }
            state.images[words[2]] = id
            return .printing()
        case "ls":
            return .printing(
                state.images.keys.filter { $0.hasPrefix("propel.localhost/") }.sorted().map { "\($0)\n" }.joined())
        case "rm":
            for name in words.dropFirst(2) { state.images[name] = nil }
            return .printing()
        default: return .failing(1, "unknown command")
        }
    }

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

    private func compose(_ command: Invocation) throws -> CommandResult {
        state.withLock { $0.before }?(command)
        let arguments = command.arguments
        let paths = arguments.indices.filter { arguments[$0] == "--file" }.map { FilePath(arguments[$0 + 1]) }
        let services = try services(paths), project = arguments[1]
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
                guard let imageID = Self.id(of: image, state) else { return .failing(1, "there is no image \(image)") }
                let isSame =
                    state.containers[name].map { $0.description == description && $0.imageID == imageID } ?? false
                if !isSame || isForced {
                    state.made += 1
                    let ports = (service["ports"] as? [String] ?? []).map {
                        String($0.split(separator: ":").dropLast().last ?? "")
                    }
                    let volumes = (service["volumes"] as? [[String: Any]] ?? []).filter {
                        $0["type"] as? String == "volume"
                    }.map { "\(project)_\($0["source"] ?? "")" }
                    state.containers[name] = Container(
                        id: "\(name)-\(state.made)", image: image, imageID: imageID, description: description,
                        ports: Set(ports), volumes: Set(volumes),
                        state: "created", status: "Created")
                }
                guard isStarting, state.containers[name]?.state != "running" else { continue }
                let usual =
                    service["restart"] as? String == "no"
                    ? "Exited (0) 1 second ago" : service["healthcheck"] == nil ? "Up AGE" : "Up 1 second (healthy)"
                let status = state.statuses[imageID] ?? state.statuses[image] ?? usual
                // As the engine does it: the second one does not get the port.
                let own = state.containers[name]?.ports ?? [], volumes = state.containers[name]?.volumes ?? []
                for (other, one) in state.containers where other != name && one.state == "running" {
                    if !one.ports.isDisjoint(with: own) { return .failing(1, "\(name): port is already allocated") }
                    if !one.volumes.isDisjoint(with: volumes), one.description.contains("DATABASE"),
                        description.contains("DATABASE")
                    {
                        return .failing(1, "\(name): another database is in the volume")
                    }
                }
                state.containers[name]?.state = status.hasPrefix("Exited") ? "exited" : "running"
                state.containers[name]?.status = status
            }
            return .printing()
        }
    }
}
