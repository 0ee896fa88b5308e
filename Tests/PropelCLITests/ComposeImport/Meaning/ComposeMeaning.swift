import Foundation
import Propel

@testable import PropelCLI
@testable import Properties

/// What `docker-compose config` says of a project, key by key, with each thing in one notation: ports and mounts in the
/// long syntax or the short one, sizes in bytes, times in milliseconds, a limit at either of its places.
struct ComposeMeaning {
    /// A key of a service, of a network or of a volume: `environment TZ` of `db`.
    struct Place: Hashable {
        var owner: String
        var key: String
    }

    private(set) var values: [Place: String] = [:]
    let config: ComposeValue
    private let project: String
    private let files: MountedFiles
    private var owner = ""

    init(_ config: ComposeValue, project: String, files: MountedFiles) {
        self.config = config
        self.project = project
        self.files = files
        for entry in config["volumes"]?.entries ?? [] {
            owner = "volume \(volumeName(entry.key))"
            flatten("", entry.value.without("name"))
        }
        for entry in config["networks"]?.entries ?? [] {
            owner = "network \(Self.networkName(entry.key))"
            flatten("", entry.value)
        }
        for entry in config["services"]?.entries ?? [] {
            owner = entry.key
            for part in entry.value.entries { read(part.key, part.value) }
            if entry.value["networks"] == nil, entry.value["network_mode"] == nil { set("networks default") }
        }
    }

    mutating func set(_ key: String, _ value: String = "") { values[Place(owner: owner, key: key)] = value }

    /// A key whose notation has no second form: elements of lists are a set.
    private mutating func flatten(_ key: String, _ value: ComposeValue) {
        let prefix = key.isEmpty ? "" : key + " "
        switch value {
        case .map(let entries): for entry in entries { flatten(prefix + entry.key, entry.value) }
        case .list(let values): for text in values.compactMap(\.text) { set(prefix + text.words) }
        case .text(let text): set(key, text.words)
        case .null: if !key.isEmpty { set(key) }
        case .tagged: flatten(key, value.untagged)
        }
    }

    // MARK: - Names

    /// The name of a volume in docker.
    private func volumeName(_ key: String) -> String {
        let declared = config["volumes"]?[key]
        return declared?["name"]?.string ?? (declared?["external"]?.bool == true ? key : "\(project)_\(key)")
    }

    /// The name of a network in the description: in a compose file of Propel its kind follows after a dot.
    private static func networkName(_ key: String) -> String { String(key.prefix { $0 != "." }) }

    // MARK: - Keys of a service

    private static let sizes = [
        "mem_limit": "memory", "mem_reservation": "mem_reservation", "memswap_limit": "memswap_limit",
        "shm_size": "shm_size",
    ]
    private static let flags = ["init", "privileged", "read_only", "stdin_open", "tty"]

    private mutating func read(_ key: String, _ value: ComposeValue) {
        switch key {
        case "image": set(key, Self.tagged(value.string ?? ""))
        case "command", "entrypoint": set(key, Self.quoted(Self.words(value)))
        case "healthcheck": healthCheck(value)
        case "depends_on":
            for entry in value.entries {
                set("depends_on \(entry.key)", entry.value["condition"]?.string ?? "service_started")
            }
        case "networks": networks(value)
        case "ports": for port in value.list ?? [] { set("ports \(Self.port(port))") }
        case "volumes": for mount in value.list ?? [] { self.mount(mount) }
        case "tmpfs": for text in value.strings { tmpfs(text) }
        case "secrets", "configs": for file in value.list ?? [] { declared(file, in: key) }
        case "build": build(value)
        case "deploy":
            limits(value["resources"] ?? .empty)
            flatten(key, value.without("resources"))
        case "cpus": set(key, Self.number(value))
        case "pids_limit": set(key, value.string ?? "")
        case "stop_grace_period": set(key, Self.milliseconds(value, ""))
        case "ulimits":
            for entry in value.entries {
                let both = entry.value.string
                set("ulimits \(entry.key)", both ?? Self.quoted([entry.value["soft"], entry.value["hard"]].strings))
            }
        case "extra_hosts":
            // A map, if docker-compose has put two files over each other.
            for host in value.strings { set("extra_hosts \(host.replacing(":", with: " ", maxReplacements: 1))") }
            for entry in value.entries { set("extra_hosts \(entry.key) \(entry.value.string ?? "")") }
        case "devices": for device in value.strings { set("devices \(Self.device(device))") }
        case "security_opt": for option in value.strings { set("security_opt \(option.replacing("=", with: ":"))") }
        case _ where Self.sizes[key] != nil: set(Self.sizes[key] ?? key, Self.bytes(value))
        case _ where Self.flags.contains(key): if value.bool == true { set(key) }
        default: flatten(key, value)
        }
    }

    private mutating func healthCheck(_ value: ComposeValue) {
        if value["disable"]?.bool == true { return set("healthcheck disable") }
        let test = value["test"] ?? .null
        set("healthcheck test", Self.quoted(test.list == nil ? ["CMD-SHELL"] + test.strings : test.strings))
        for (key, byDefault) in [("interval", "30s"), ("timeout", "30s"), ("start_period", "0s")] {
            set("healthcheck \(key)", Self.milliseconds(value[key] ?? .null, byDefault))
        }
        set("healthcheck retries", value["retries"]?.string ?? "3")
    }

    private mutating func networks(_ value: ComposeValue) {
        for name in value.strings { set("networks \(Self.networkName(name))") }
        for entry in value.entries {
            let name = Self.networkName(entry.key)
            set("networks \(name)")
            for alias in entry.value["aliases"]?.strings ?? [] { set("networks \(name) alias \(alias)") }
            for key in ["ipv4_address", "ipv6_address"] {
                if let address = entry.value[key]?.string { set("networks \(name) \(key)", address) }
            }
        }
    }

    private mutating func build(_ value: ComposeValue) {
        set("build context", value.string ?? value["context"]?.string ?? "")
        set("build dockerfile", value["dockerfile"]?.string ?? "Dockerfile")
        if let target = value["target"]?.string { set("build target", target) }
        flatten("build args", value["args"] ?? .empty)
    }

    /// The build that Propel itself does, before compose runs.
    mutating func read(buildOf container: Container) {
        guard case .directory(let directory, let dockerfile, let target, let arguments) = container.origin else {
            return
        }
        owner = container.name
        set("build context", directory.string)
        set("build dockerfile", dockerfile)
        if let target { set("build target", target) }
        for (name, value) in arguments { set("build args \(name)", value) }
    }

    private mutating func limits(_ resources: ComposeValue) {
        let limits = resources["limits"]
        if let memory = limits?["memory"] { set("memory", Self.bytes(memory)) }
        if let cpus = limits?["cpus"] { set("cpus", Self.number(cpus)) }
        if let processes = limits?["pids"]?.string { set("pids_limit", processes) }
        if let memory = resources["reservations"]?["memory"] { set("mem_reservation", Self.bytes(memory)) }
    }

    // MARK: - Mounts

    private mutating func mount(_ value: ComposeValue) {
        guard value.text == nil else { return short(value.string ?? "") }
        let source = value["source"]?.string ?? "", target = value["target"]?.string ?? ""
        if value["type"]?.string == "tmpfs" {
            return tmpfs(target + (value["tmpfs"]?["size"]?.string.map { ":size=\($0)" } ?? ""))
        }
        let propagation = value["bind"]?["propagation"]?.string
        let access = (value["read_only"]?.bool == true ? "ro" : "rw") + (propagation.map { " \($0)" } ?? "")
        mount(source, isVolume: value["type"]?.string == "volume", at: target, access)
    }

    private mutating func short(_ text: String) {
        let parts = text.split(separator: ":").map(String.init)
        guard parts.count > 1 else { return set("volumes \(text)", "volume without a name") }
        let options = (parts.last ?? "").split(separator: ",")
        let propagation = options.first { $0.hasSuffix("slave") || $0.hasSuffix("shared") || $0.hasSuffix("private") }
        let access = (options.contains("ro") ? "ro" : "rw") + (propagation.map { " \($0)" } ?? "")
        mount(parts[0], isVolume: !parts[0].hasPrefix("/"), at: parts[1], access)
    }

    private mutating func mount(_ source: String, isVolume: Bool, at target: String, _ access: String) {
        if isVolume { return set("volumes \(target)", "volume \(volumeName(source)) \(access)") }
        let found = files.below(source)
        if let file = found[""] { return set("volumes \(target)", "\(file) \(access)") }
        guard !found.isEmpty, access == "ro" else { return set("volumes \(target)", "directory \(source) \(access)") }
        for (path, file) in found { set("volumes \(target)/\(path)", "\(file) \(access)\(Self.ofDirectory)") }
    }

    /// Follows the value of a file that is mounted with its directory.
    static let ofDirectory = ", of a directory"

    private mutating func tmpfs(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
        let options = (parts.dropFirst().first ?? "").split(separator: ",").map { option in
            option.hasPrefix("size=") ? "size=\(ComposeNotation.bytes(String(option.dropFirst(5))) ?? -1)" : "\(option)"
        }
        set("volumes \(parts[0])", "tmpfs \(options.sorted())")
    }

    /// A file of the sections `secrets` or `configs`.
    private mutating func declared(_ value: ComposeValue, in section: String) {
        let name = value["source"]?.string ?? value.string ?? "", wanted = value["target"]?.string ?? name
        let target = wanted.hasPrefix("/") ? wanted : (section == "secrets" ? "/run/secrets/" : "/") + wanted
        guard let path = config[section]?[name]?["file"]?.string, var file = files.below(path)[""] else {
            return set("volumes \(target)", "no file")
        }
        // The specification gives secrets this mode.
        file.mode = value["mode"]?.string.flatMap(ComposeNotation.mode) ?? (section == "secrets" ? 0o444 : file.mode)
        file.owner = value["uid"]?.string.flatMap { UInt32($0) } ?? 0
        set("volumes \(target)", "\(file) ro")
    }
}
