import PropelTesting
import Synchronization
import Yams

@testable import Properties

/// A docker engine with compose, as far as a stack asks for it: it makes a container anew where its description changed, and
/// leaves it alone where not.
final class FakeDocker: Sendable {
    struct Container: Equatable {
        var id: String
        var image: String
        var description: String
        var state = "running"
        var status = "Up 1 second"
    }

    struct State {
        var containers: [String: Container] = [:]
        var volumes: Set<String> = []
        /// What a container says of itself once it runs, by its image.
        var statuses: [String: String] = [:]
        var made = 0
        /// What `docker-compose up` answers instead of doing it.
        var refusal: CommandResult?
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

    private func docker(_ command: Command) throws -> CommandResult {
        state.withLock { state in
            switch command.arguments.first {
            case "ps":
                let lines = state.containers.sorted { $0.key < $1.key }.map { name, one in
                    "\(one.id)\t\(name)\t\(one.image)\t\(one.state)\t\(one.status)\n"
                }
                return .printing(lines.joined())
            case "volume": return .printing(state.volumes.map { "\($0)\n" }.joined())
            case "stop": return .printing()
            case "rm":
                state.containers = state.containers.filter { !command.arguments.contains($0.value.id) }
                return .printing()
            case "logs": return CommandResult(ending: .exited(0), output: Array("it starts\n".utf8), errors: Array("it is sick\n".utf8))
            default: return .failing(1, "unknown command")
            }
        }
    }

    private func compose(_ command: Command) throws -> CommandResult {
        let arguments = command.arguments
        let paths = arguments.indices.filter { arguments[$0] == "--file" }.map { FilePath(arguments[$0 + 1]) }
        var services: [String: [String: Any]] = [:]
        for path in paths {
            let document = try load(yaml: String(decoding: try files.read(path), as: UTF8.self)) as? [String: Any]
            for (name, service) in document?["services"] as? [String: [String: Any]] ?? [:] {
                services[name, default: [:]].merge(service) { old, new in
                    if let old = old as? [String: Any], let new = new as? [String: Any] { return old.merging(new) { $1 } }
                    return new
                }
            }
        }
        if arguments.contains("config") {
            guard services.values.allSatisfy({ $0["image"] is String }) else { return .failing(1, "a service has no image") }
            return .printing(arguments.contains("--services") ? services.keys.sorted().map { "\($0)\n" }.joined() : "")
        }
        guard arguments.contains("up") else { return .failing(1, "unknown command") }
        return try state.withLock { state in
            if let refusal = state.refusal { return refusal }
            let isForced = arguments.contains("--force-recreate")
            let named = Set(arguments.filter { services[$0] != nil })
            for (name, service) in services where named.isEmpty || named.contains(name) {
                let description = try Yams.dump(object: service, sortKeys: true), image = service["image"] as? String ?? ""
                let present = state.containers[name]
                let status = state.statuses[image] ?? (service["healthcheck"] == nil ? "Up 1 second" : "Up 1 second (healthy)")
                if let present, present.description == description, present.state == "running", !isForced { continue }
                if var present, present.description == description, !isForced {
                    present.state = "running"
                    present.status = status
                    state.containers[name] = present
                    continue
                }
                state.made += 1
                state.containers[name] = Container(
                    id: "\(name)-\(state.made)", image: image, description: description, status: status)
            }
            return .printing()
        }
    }
}
