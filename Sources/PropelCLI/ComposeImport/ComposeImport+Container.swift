import Foundation
import Propel

extension ComposeImport {
    /// The lines of a container.
    mutating func container(_ service: ComposeProject.Service) -> [String] {
        self.service = service.name
        lines = []
        let value = service.value
        guard value.isMap else { return ["// not taken over: \(service.name.escaped)"] }
        let head = head(of: service.name, value)
        for entry in value.entries where entry.value != .null { write(entry.key, entry.value, of: value) }
        writeJoined(value)
        let body = lines
        lines = []
        self.service = ""
        let isThrowing = body.contains { $0.contains("if try ") }
        var result = head
        if !body.isEmpty {
            result[0] = (isThrowing ? "try " : "") + result[0]
            result[result.count - 1] += " {"
            result += body.map(Self.indented) + ["}"]
        }
        if let profiles = value["profiles"]?.strings, !profiles.isEmpty {
            result = ["if \(Self.condition(anyOf: profiles)) {"] + result.map(Self.indented) + ["}"]
        }
        return result
    }

    /// A condition in Swift: one of these profiles is on. One `try` is for all of it.
    static func condition(anyOf profiles: [String]) -> String {
        let words = profiles.map { "host.bool(\(SwiftText.quote(key("profile-\($0)")))) == true" }
        return "try " + words.joined(separator: " || ")
    }

    /// The name in the stack: compose accepts more.
    static func name(_ name: String) -> String {
        let plain = name.lowercased().map { $0.isASCII && ($0.isLetter || $0.isNumber || "-_".contains($0)) ? $0 : "-" }
        let trimmed = plain.drop { "-_".contains($0) }
        // A stack takes names of at most 63 characters.
        guard trimmed.count > 63 else { return String(trimmed) }
        return "\(String(trimmed.prefix(54)))-\(SHA256.hash(Array(name.utf8)).prefix(8))"
    }

    /// A path of the project on the machine.
    func onMachine(_ path: String) -> String {
        if path.hasPrefix("~"), let home { return FilePath(home + path.dropFirst()).lexicallyNormalized().string }
        return directory.pushing(FilePath(path)).lexicallyNormalized().string
    }

    /// The advice for a file that is not the whole project.
    static let adviceForSeveralFiles =
        "if other files belong to this one, import them together: `propel compose import FILE FILE`"

    /// The advice for a variable whose value decides more than a string.
    static let adviceForVariables = "give the value of its variable in --env"

    /// The advice for a variable in a name.
    static let adviceForNames = "its name has a variable: give its value in --env"

    /// The advice for a secret where no part takes one.
    static let adviceForSecrets = "it contains a secret: pass it as a variable"

    /// The advice for several containers of a service that has a port or a name.
    static let adviceForScale =
        "a stack has one container of each service: write further ones, each with another port and name"

    // MARK: - Keys

    private mutating func write(_ key: String, _ value: ComposeValue, of service: ComposeValue) {
        switch key {
        case "image", "build", "profiles", "expose", "attach", "develop", "env_file": break
        case "container_name": part("ContainerName", value, key: key)
        case "hostname": part("Container.Hostname", value, key: key)
        case "user": part("Container.User", value, key: key)
        case "working_dir": part("WorkingDirectory", value, key: key)
        case "stop_signal": part("StopSignal", value, key: key)
        case "platform": part("Container.Platform", value, key: key)
        case "command": words("Container.Command", value, key: key)
        case "entrypoint": words("Entrypoint", value, key: key)
        case "privileged": flag("Privileged()", value, key: key)
        case "read_only": flag("ReadOnly()", value, key: key)
        case "init": flag("Init()", value, key: key)
        case "devices": part("Devices", list: value, key: key)
        case "security_opt": securityOptions(value)
        case "group_add": part("GroupAdd", list: value, key: key)
        case "labels": labels(value)
        case "sysctls": part("Sysctls", map: value.entries, key: key)
        case "extra_hosts": extraHosts(value)
        case "logging": logging(value)
        case "shm_size": size("SharedMemory", value, key: key)
        case "ulimits": ulimits(value)
        case "tmpfs": value.texts.forEach { tmpfs($0) }
        case "stop_grace_period": stopTimeout(value)
        case "pid", "ipc": namespace(key, value)
        case "gpus": gpus(value)
        case "environment": environment(value)
        case "ports": ports(value)
        case "volumes": (value.list ?? []).forEach { volume($0) }
        case "secrets", "configs": (value.list ?? []).forEach { file($0, of: key) }
        case "depends_on": dependencies(value)
        case "links": links(value)
        case "healthcheck": healthCheck(value)
        case "networks", "network_mode": break
        case "restart", "deploy", "mem_limit", "cpus", "pids_limit", "cap_add", "cap_drop", "dns", "dns_search",
            "dns_opt", "mem_reservation":
            break
        case "scale": if value.string != "1" { omit(key, Self.adviceForScale) }
        case "pull_policy": pullPolicy(value)
        case _ where Self.handedOn.contains(key) || key.hasPrefix("x-"): break
        default: omit(key)
        }
    }

    /// Writes what several keys give together.
    private mutating func writeJoined(_ service: ComposeValue) {
        restartPolicy(service)
        limits(service)
        // Docker takes them in lowercase too.
        let added = (service["cap_add"]?.strings ?? []).map { $0.uppercased() }
        let dropped = (service["cap_drop"]?.strings ?? []).map { $0.uppercased() }
        let capabilities = [("add", added), ("drop", dropped)].filter { !$0.1.isEmpty }.map {
            "\($0): [\(SwiftText.list($1))]"
        }
        if !capabilities.isEmpty { lines.append("Capabilities(\(capabilities.joined(separator: ", ")))") }
        dns(service)
        joinNetworks(service)
        handOn(service)
    }

    /// The keys of which `ComposeKeys` gives the values as they are.
    private static let handedOn: Set<String> = [
        "annotations", "blkio_config", "cgroup", "cgroup_parent", "cpu_count", "cpu_percent", "cpu_period", "cpu_quota",
        "cpu_rt_period", "cpu_rt_runtime", "cpu_shares", "cpuset", "device_cgroup_rules", "domainname", "mac_address",
        "mem_reservation", "mem_swappiness", "memswap_limit", "oom_kill_disable", "oom_score_adj", "runtime",
        "stdin_open", "storage_opt", "tty", "userns_mode", "uts",
    ]

    private mutating func handOn(_ service: ComposeValue) {
        var pairs: [String] = []
        var entries = service.entries.filter { Self.handedOn.contains($0.key) && $0.value != .null }
        if let reserved = service["deploy"]?["resources"]?["reservations"]?["memory"], service["mem_reservation"] == nil
        {
            entries.append(.init(key: "mem_reservation", value: reserved))
        }
        for entry in entries {
            if entry.value.bool == false, ["stdin_open", "tty", "oom_kill_disable"].contains(entry.key) { continue }
            guard let value = literal(entry.value) else {
                omit(entry.key, Self.adviceForSecrets)
                continue
            }
            pairs.append("\(SwiftText.quote(entry.key)): \(value)")
        }
        if !pairs.isEmpty { lines.append("ComposeKeys([\(pairs.joined(separator: ", "))])") }
    }

    /// A value as JSON in Swift; nil if there is a secret in it.
    private mutating func literal(_ value: ComposeValue) -> String? {
        switch value {
        case .null: return "nil"
        case .tagged: return literal(value.untagged)
        case .text(let text):
            guard let string = text.literal else { return self.string(text).map { ".string(\($0))" } }
            let isBare = !text.isQuoted && (Int(string) != nil || ["true", "false"].contains(string))
            return isBare ? string : SwiftText.quote(string)
        case .list(let values):
            let all = values.compactMap { literal($0) }
            return all.count == values.count ? "[\(all.joined(separator: ", "))]" : nil
        case .map(let entries):
            let all = entries.compactMap { entry in literal(entry.value).map { "\(SwiftText.quote(entry.key)): \($0)" }
            }
            return all.count == entries.count ? "[\(all.isEmpty ? ":" : all.joined(separator: ", "))]" : nil
        }
    }
}
