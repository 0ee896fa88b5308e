import PropelTesting
import Synchronization

@testable import Properties

/// A docker engine in memory, with compose if it is installed: as far as a stack, its backups and its clones ask it.
final class FakeDocker: Sendable {
    struct State: Sendable {
        var containers: [String: Container] = [:]
        var volumes: Set<String> = []
        /// The driver and the options of volumes that are not plain ones.
        var volumeKinds: [String: String] = [:]
        /// The data root.
        var root: FilePath = "/var/lib/docker"
        /// The subnets of the networks, by their names.
        var networks = ["bridge": "172.17.0.0/16", "host": "", "none": ""]
        /// The volumes of a restore test.
        var temporaryVolumes: Set<String> = []
        /// The ID of each image name. A name that was not set is its own ID.
        var images: [String: String] = [:]
        /// The labels of images, by their IDs.
        var labels: [String: [String: String]] = [:]
        /// The images that somebody has removed.
        var removedImages: Set<String> = []
        /// The images as docker lists them all; compose does not ask for these.
        var stored: [StoredImage] = []
        /// The store of the images, as `docker info` describes it.
        var driver = #"[["Backing Filesystem","extfs"]]"#
        /// The status of a container that compose has started, by the name or the ID of its image.
        var statuses: [String: String] = [:]
        /// For how many seconds a container has run when docker is asked for the next time; the last counts on.
        var ages: [Int] = [60]
        /// The number of containers that compose has created.
        var made = 0

        /// The containers, by name, that are unhealthy once they are started.
        var sick: Set<String> = []
        /// The containers, by name, that have ended as soon as they are started.
        var once: Set<String> = []
        /// The IDs of the containers that were paused; docker lists them as unhealthy the next time.
        var recovering: Set<String> = []

        /// The programs in the containers, by name.
        var programs: [String: Program] = [:]
        /// The programs in the containers of a restore test, by name.
        var temporaryPrograms: [String: Program] = [:]

        /// Called before docker or compose executes a command.
        var before: (@Sendable (Invocation) -> Void)?
        /// The answer of docker instead of executing a command; nil to execute it.
        var answer: (@Sendable (Invocation) throws -> CommandResult?)?
        /// The version of compose.
        var composeVersion = "2.26.1"
        /// The answer of `docker-compose up` instead of executing it.
        var refusal: CommandResult?
    }

    typealias Program = @Sendable (Invocation) throws -> CommandResult

    let state = Mutex(State())
    let files: FakeFileSystem

    init(on fake: FakeMachine, hasCompose: Bool = true) {
        files = fake.files
        fake.commands.program("docker") { [self] in try docker($0) }
        guard hasCompose else { return }
        fake.files.put("/usr/bin/docker-compose", "")
        fake.commands.program("docker-compose") { [self] in try compose($0) }
    }

    var containers: [String: Container] { state.withLock { $0.containers } }
    var images: [String: String] { state.withLock { $0.images } }

    /// Gives a name to an image.
    func bring(_ name: String, _ id: String) { state.withLock { $0.images[name] = id } }

    /// Answers commands in place of docker, by their words.
    /// - Parameter body: returns nil to have docker execute a command.
    func answer(_ body: @escaping @Sendable ([String]) throws -> CommandResult?) {
        state.withLock { $0.answer = { try body($0.arguments) } }
    }

    /// The directory of a volume in the usual data root.
    static func mountpoint(_ volume: String) -> FilePath { FilePath("/var/lib/docker/volumes/\(volume)/_data") }

    /// The directory of a volume in the data root of this engine.
    func directory(of volume: String) -> FilePath {
        state.withLock(\.root).appending("volumes/\(volume)/_data")
    }

    func docker(_ command: Invocation) throws -> CommandResult {
        if let answer = try state.withLock({ $0.answer })?(command) { return answer }
        state.withLock { $0.before }?(command)
        let words = command.arguments
        // A program may ask docker itself.
        if words.first == "exec" { return try execute(command) }
        if words.first == "volume" { return volume(Array(words.dropFirst())) }
        if words.first == "network" { return network(Array(words.dropFirst())) }
        if words.first == "info" { return .printing(state.withLock(\.driver) + "\n") }
        return state.withLock { state in
            words.first == "image" ? state.image(Array(words.dropFirst())) : state.container(words)
        }
    }

    private func execute(_ command: Invocation) throws -> CommandResult {
        let words = command.arguments.dropFirst().drop { $0.hasPrefix("-") }
        guard let name = words.first, var program = words.dropFirst().first else { return .failing(1) }
        if program == "/bin/sh" { program = String(words.last?.split(separator: " ").first ?? "") }
        let found = state.withLock { state in
            state.containers.values.first { [$0.id, $0.name].contains(name) && $0.state == "running" }.map {
                $0.isTemporary ? state.temporaryPrograms[program] : state.programs[program]
            }
        }
        guard let found else { return .failing(1, "Error: container \(name) is not running\n") }
        return try found?(command) ?? .failing(127, "exec: \(program): not found\n")
    }

    private func network(_ words: [String]) -> CommandResult {
        state.withLock { state in
            switch words.first {
            case "ls":
                let project = words.last?.split(separator: "label=com.docker.compose.project=").last.map { "\($0)_" }
                let isFiltered = words.contains("--filter")
                let names = state.networks.keys.filter { !isFiltered || $0.hasPrefix(project ?? "") }
                return .printing(names.sorted().map { "\($0)\n" }.joined())
            case "inspect": return .printing(words.compactMap { state.networks[$0] }.map { "\($0)\n" }.joined())
            case "create":
                state.networks[words.last ?? ""] = ""
                return .printing("id\n")
            case "rm":
                guard words.last != "busy" else {
                    return .failing(1, "error while removing network: network busy has active endpoints\n")
                }
                state.networks[words.last ?? ""] = nil
                return .printing()
            default: return .failing(1, "unknown command")
            }
        }
    }

    private func volume(_ words: [String]) -> CommandResult {
        let names = words.drop { $0 != "--" }.dropFirst()
        switch words.first {
        case "ls":
            let isTemporary = words.contains { $0.hasPrefix("label=propel.restore-test=") }
            let all = state.withLock { isTemporary ? $0.temporaryVolumes : $0.volumes }
            return .printing(all.sorted().map { "\($0)\n" }.joined())
        case "create":
            let name = words.last ?? ""
            _ = state.withLock { $0.temporaryVolumes.insert(name) }
            files.put(directory: directory(of: name))
            return .printing("\(name)\n")
        case "rm":
            state.withLock { state in
                state.temporaryVolumes.subtract(words)
                state.volumes.subtract(words)
            }
            return .printing()
        case "inspect" where words.contains { $0.contains(".Driver") }:
            let kind = state.withLock { $0.volumeKinds[names.first ?? ""] ?? "local\tnull" }
            return .printing("\(kind)\t\(Self.mountpoint(names.first ?? ""))\n")
        case "inspect":
            let hasNames = words.contains { $0.contains(".Name") }
            return .printing(names.map { (hasNames ? "\($0)\t" : "") + "\(directory(of: $0))\n" }.joined())
        default: return .failing(1, "unknown command")
        }
    }
}
