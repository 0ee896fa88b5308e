import PropelTesting
import Yams

@testable import Properties

extension FakeDocker {
    struct Container: Equatable, Sendable {
        var id: String
        /// The name of the service, or of a container of a restore test.
        var name: String
        /// By the name under which it was asked for. Another name is another image.
        var image: String { didSet { imageID = "sha256:\(image)" } }
        var imageID: String
        /// The service of the compose file that it was made from, as YAML; empty if compose did not make it.
        var description = ""
        var ports: Set<String> = []
        var volumes: Set<String> = []
        var state = "running"
        /// As docker lists it; nil for what follows from its state and health.
        var status: String?
        /// The result of its health check; nil if it has none.
        var health: String?
        /// Whether it is one of a restore test.
        var isTemporary = false
        var labels: [String: String] = [:]
        /// The names of its volumes, by their paths in it.
        var mounts: [String: String] = [:]
        /// `container:ID` if it has the network of another one.
        var networkMode = ""
        /// The port that it got of a range, while it runs.
        var chosenPort: UInt16?
    }
}

extension FakeDocker.State {
    /// Executes a command about containers.
    mutating func container(_ words: [String]) -> CommandResult {
        let last = words.last ?? ""
        switch words.first {
        case "ps": return list(words)
        case "create":
            let name = words.firstIndex(of: "--name").map { words[$0 + 1] } ?? ""
            containers[name] = FakeDocker.Container(
                id: name, name: name, image: last, imageID: "sha256:\(last)", state: "created", isTemporary: true)
            return .printing("\(name)\n")
        case "start": set(words, "running")
        case "stop": set(words, "exited")
        case "commit":
            guard let one = containers.values.first(where: { $0.id == words[words.count - 2] }) else {
                return .failing(1, "Error: No such container\n")
            }
            images[last] = "sha256:files of \(one.id)"
        case "pause": set(words, "paused")
        case "unpause":
            recovering.formUnion(words.dropFirst())
            set(words, "running")
        case "rm":
            containers = containers.filter { !words.contains($0.value.id) }
            // The second container of a service is the only one now.
            for (key, one) in containers where key != one.name && containers[one.name] == nil {
                containers[key] = nil
                containers[one.name] = one
            }
        case "inspect" where words.contains { $0.contains("RestartPolicy") }:
            return .printing("\(containers.values.first { $0.id == last }.map(restartPolicy) ?? "no")\n")
        case "inspect" where words.contains { $0.contains(".NetworkMode") }:
            return .printing(
                containers.values.filter { words.contains($0.id) }.map { "\($0.id)\t\($0.networkMode)\t\tprivate\n" }
                    .joined())
        case "inspect" where words.contains { $0.contains(".NetworkSettings.Ports") }:
            let port = containers.values.first { $0.id == last && $0.state == "running" }?.chosenPort
            return .printing(
                port.map { #"{"80/tcp":[{"HostIp":"127.0.0.1","HostPort":"\#($0)"}],"81/tcp":null}"# } ?? "{}")
        case "inspect" where words.contains("{{.State.Running}}"):
            return .printing("\(containers[last]?.state == "running")\n")
        case "inspect" where words.contains("{{.Image}}"):
            return .printing(containers.values.filter { words.contains($0.id) }.map { "\($0.imageID)\n" }.joined())
        case "inspect" where words.contains { $0.contains("split") }: return .printing()
        case "inspect" where words.contains { $0.contains(".Config.Healthcheck") }:
            return .printing(containers.values.filter { words.contains($0.id) }.map(\.labelsAndCheck).joined())
        case "inspect" where words.contains { $0.contains(".Config.Labels") }:
            return .printing(containers.values.filter { words.contains($0.id) }.map(\.origin).joined())
        case "inspect" where words.contains { $0.contains(".Config.Env") }: return .printing("PASSWORD=secret\n")
        case "inspect":
            return .printing(
                containers.values.filter { words.contains($0.id) }.map { one in
                    words.contains { $0.contains("PortBindings") } ? one.bindings : "\(one.id)\t\(one.imageID)\n"
                }.joined())
        case "logs":
            return CommandResult(
                ending: .exited(0), output: Array("it starts\n".utf8), errors: Array("it is sick\n".utf8))
        default: return .failing(1, "unknown command")
        }
        return .printing()
    }

    private mutating func list(_ words: [String]) -> CommandResult {
        func filter(_ key: String) -> String? { words.first { $0.hasPrefix(key) }?.dropFirst(key.count).description }
        let volume = filter("volume="), name = filter("name=^")?.dropLast().description
        let isTemporary = words.contains { $0.hasPrefix("label=propel.restore-test=") }
        let isEach = words.contains("--all"), isQuiet = words.contains("--quiet")
        let age = ages.first ?? 60, recovering = recovering
        if ages.count > 1 { ages.removeFirst() }
        self.recovering = []
        let found = containers.values.sorted { $0.name < $1.name }.filter { one in
            one.isTemporary == isTemporary && (isEach || !["exited", "created"].contains(one.state))
                && volume.map(one.volumes.contains) != false && (name ?? one.name) == one.name
        }
        return .printing(
            found.map { one in
                if isQuiet { return "\(one.id)\n" }
                if words.contains("{{.Names}}") { return "\(one.name)\n" }
                let image = id(of: one.image) == one.imageID ? one.image : one.imageID
                let status = one.listedStatus(isRecovering: recovering.contains(one.id))
                return "\(one.id)\t\(one.name)\t\(image)\t\(one.state)\t"
                    + "\(status.replacing("AGE", with: "\(age) seconds"))\n"
            }.joined())
    }

    private func restartPolicy(of container: FakeDocker.Container) -> String {
        guard !container.description.isEmpty else { return once.contains(container.name) ? "no" : "unless-stopped" }
        let service = try? load(yaml: container.description) as? [String: Any]
        // The number of attempts is apart.
        return (service?["restart"] as? String ?? "no").split(separator: ":").first.map(String.init) ?? "no"
    }

    private mutating func set(_ ids: [String], _ state: String) {
        for (name, one) in containers where ids.contains(one.id) {
            containers[name]?.state = once.contains(name) ? "exited" : state
            if one.status != nil { containers[name]?.status = state == "exited" ? "Exited (137) 1 second ago" : nil }
            if state == "running", sick.contains(name) { containers[name]?.health = "unhealthy" }
        }
    }
}

extension FakeDocker.Container {
    fileprivate func listedStatus(isRecovering: Bool) -> String {
        if let status { return status }
        switch state {
        case "exited": return "Exited (0) 1 hour ago"
        case "created": return "Created"
        case "paused": return "Up 1 hour (Paused)"
        default: return "Up 1 hour" + (health.map { " (\(isRecovering ? "unhealthy" : $0))" } ?? "")
        }
    }

    /// Its image, labels and volumes, as `docker inspect` prints them.
    fileprivate var origin: String {
        let labels = JSON.object(labels.mapValues(JSON.string))
        let mounts = mounts.sorted { $0.key < $1.key }.map {
            let isDirectory = $0.value.hasPrefix("/")
            return JSON.object([
                "Type": isDirectory ? "bind" : "volume", isDirectory ? "Source" : "Name": .string($0.value),
                "Destination": .string($0.key),
            ])
        }
        return "\(id)\t\(imageID)\t\(JSON.string(image))\t\(labels)\t\(JSON.array(mounts))\n"
    }

    /// Its labels and its health check, as `docker inspect` prints them.
    fileprivate var labelsAndCheck: String {
        let service = (try? load(yaml: description)) as? [String: Any] ?? [:]
        let declared = (service["labels"] as? [String: Any] ?? [:]).mapValues { JSON.string("\($0)") }
        let all = JSON.object(declared.merging(labels.mapValues(JSON.string)) { first, _ in first })
        let check = service["healthcheck"] as? [String: Any]
        let test = (check?["test"] as? [Any] ?? []).map { JSON.string("\($0)") }
        return "\(all)\t\(JSON.object(["Test": .array(test)]))\n"
    }

    /// Its published ports and volumes, as `docker inspect` prints them.
    fileprivate var bindings: String {
        let ports = ports.sorted().map { #""80/tcp":[{"HostIp":"","HostPort":"\#($0)"}]"# }
        let volumes = volumes.sorted().map {
            $0.hasPrefix("/") ? #"{"Type":"bind","Source":"\#($0)"}"# : #"{"Type":"volume","Name":"\#($0)"}"#
        }
        return "\(id)\t{\(ports.joined(separator: ","))}\t[\(volumes.joined(separator: ","))]\n"
    }
}
