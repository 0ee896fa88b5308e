extension Container {
    /// The options of `docker create` with which a container that is thrown away runs as this one does: its user, its
    /// limits, its privileges. Devices, labels, logging and what concerns networks are left out: a proxy must not find
    /// it, and two containers cannot share a device.
    var dockerOptions: [String] { keys.flatMap(\.dockerOptions) }

    /// The option with its entry point: docker takes only the first word of it.
    var dockerEntrypoint: [String] {
        // Not even that of the image.
        if value(of: "entrypoint") == .list([]) { return ["--entrypoint", ""] }
        return entrypoint.first.map { ["--entrypoint", $0] } ?? []
    }

    /// The words after the image.
    var dockerCommand: [String] { entrypoint.dropFirst() + (command?.words ?? []) }

    /// - Throws: ``Failure`` if there are secrets in its command: they would be arguments of docker.
    func refuseSecretWords(of stack: Stack) throws {
        guard secretKeys.hasWords else { return }
        throw Failure(
            "no second \(name) of \(stack.name) can be started: its command has a secret, which would be an argument "
                + "of docker", advice: "Pass the secret as a variable or a ConfigurationFile.")
    }

    /// The words of its entry point; none for that of the image.
    private var entrypoint: [String] {
        switch value(of: "entrypoint") {
        case .list(let words): words.compactMap(\.string)
        case .text(let line): CommandLineWords.split(line).words
        default: []
        }
    }
}

extension ComposeKey {
    /// The options of docker with an argument for each key.
    private static let options = [
        "cap_add": "--cap-add", "cap_drop": "--cap-drop", "group_add": "--group-add", "hostname": "--hostname",
        "platform": "--platform", "runtime": "--runtime", "security_opt": "--security-opt", "shm_size": "--shm-size",
        "stop_signal": "--stop-signal", "sysctls": "--sysctl", "tmpfs": "--tmpfs", "ulimits": "--ulimit",
        "user": "--user", "userns_mode": "--userns", "working_dir": "--workdir",
    ]
    private static let flags = [
        "init": "--init", "privileged": "--privileged", "read_only": "--read-only", "stdin_open": "--interactive",
        "tty": "--tty",
    ]

    fileprivate var dockerOptions: [String] {
        if let flag = Self.flags[name] { return value == .bool(true) ? [flag] : [] }
        guard let option = Self.options[name] else { return [] }
        return value.dockerArguments.flatMap { [option, $0] }
    }
}

extension YAML {
    /// The arguments of an option that may be repeated.
    fileprivate var dockerArguments: [String] {
        switch self {
        case .text(let text): [text]
        case .integer(let number): ["\(number)"]
        case .number(let number): ["\(number)"]
        case .bool(let value): ["\(value)"]
        case .list(let values): values.flatMap(\.dockerArguments)
        case .map(let entries):
            entries.map { entry in
                guard case .map(let limits) = entry.value else {
                    return "\(entry.key)=\(entry.value.dockerArguments.joined())"
                }
                // A soft and a hard limit.
                let both = ["soft", "hard"].compactMap { name in limits.first { $0.key == name }?.value }
                return "\(entry.key)=" + both.flatMap(\.dockerArguments).joined(separator: ":")
            }
        }
    }
}
