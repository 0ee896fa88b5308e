/// The file with the jails of ``Fail2ban``.
struct JailSettings: FileBacked, HostDependent {
    typealias Target = DebianLike

    private static let directory: FilePath = "/etc/fail2ban"
    private static let fileName = "zz-propel.local"

    let jails: [Fail2ban.Jail]
    let defaults: Fail2ban.Jail
    let ignored: [String]
    /// The ports that sshd listens on, as the host declares them.
    private(set) var sshPorts: [UInt16] = []

    func adapted(to steps: [Step]) -> JailSettings {
        var settings = self
        settings.sshPorts = steps.flatMap(\.declaredPorts).ssh
        return settings
    }

    var name: String { "jails" }
    var file: File { File(Self.directory.appending("jail.d").appending(Self.fileName), text) }

    func apply(on machine: Machine) async throws {
        try validate()
        try await judge(on: machine)
        try await file.apply(on: machine)
    }

    var text: String {
        let general: [(String, String?)] = [
            ("banaction", "nftables"), ("banaction_allports", "nftables[type=allports]"),
            ("ignoreip", (["127.0.0.1/8", "::1"] + ignored).joined(separator: " ")),
        ]
        let blocks = [Self.block("DEFAULT", general + Self.limits(defaults))] + jails.map(block)
        return "# Kept by Propel: changes are overwritten.\n\n" + blocks.joined(separator: "\n")
    }

    private func block(_ jail: Fail2ban.Jail) -> String {
        let isSSH = jail.name == "sshd"
        var ports = jail.ports.map(\.fail2ban)
        if ports.isEmpty, isSSH { ports = sshPorts.map { "\($0)" } }
        var lines: [(String, String?)] = [
            ("enabled", "true"), ("filter", jail.filter), ("port", ports.isEmpty ? nil : ports.joined(separator: ",")),
        ]
        switch jail.log ?? (isSSH ? .journal : nil) {
        case .journal:
            // Debian's unit is ssh.service, and the filter knows sshd.service alone before Debian 13.
            lines += [("backend", "systemd"), ("journalmatch", isSSH ? "_SYSTEMD_UNIT=ssh.service + _COMM=sshd" : nil)]
        case .journalEntries(let match): lines += [("backend", "systemd"), ("journalmatch", match)]
        case .files(let paths): lines += [("backend", "auto"), ("logpath", paths.joined(separator: "\n    "))]
        case nil: break
        }
        lines += Self.limits(jail)
        lines += jail.settings.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        return Self.block(jail.name, lines)
    }

    private static func limits(_ jail: Fail2ban.Jail) -> [(String, String?)] {
        [
            ("maxretry", jail.maxRetry.map { "\($0)" }), ("findtime", jail.findTime.map { "\($0.components.seconds)" }),
            ("bantime", jail.banTime.map { $0 < .zero ? "-1" : "\($0.components.seconds)" }),
        ]
    }

    private static func block(_ name: String, _ lines: [(String, String?)]) -> String {
        "[\(name)]\n" + lines.compactMap { key, value in value.map { "\(key) = \($0)\n" } }.joined()
    }

    /// Has fail2ban read all its files with the new one among them.
    private func judge(on machine: Machine) async throws {
        guard try machine.files.status(of: Self.directory)?.kind == .directory else {
            throw Failure("\(Self.directory) does not exist", advice: "Install the package fail2ban.")
        }
        let text = text
        try await machine.withScratch { (scratch: ScratchDirectory) in
            for name in try machine.files.list(Self.directory) where name != "jail.d" {
                try scratch.link(name, to: Self.directory.appending(name))
            }
            let jails = Self.directory.appending("jail.d")
            for name in try machine.files.list(jails) where name != Self.fileName && !name.hasPrefix(".") {
                try scratch.link("jail.d/\(name)", to: jails.appending(name))
            }
            try scratch.write(Array(text.utf8), to: "jail.d/\(Self.fileName)")
            let command = Invocation("fail2ban-client", ["-c", ScratchDirectory.path.string, "-t"])
            let result = try await machine.run(command)
            guard !result.succeeded else { return }
            throw Failure(
                "fail2ban does not accept the jails", command: command.description, ending: result.ending.description,
                output: CommandFailure(command: command, result: result).lastLines,
                advice: "Nothing was put in place. A log that a jail reads must exist before it.")
        }
    }

    func validate() throws {
        guard !jails.isEmpty else { throw Failure("fail2ban is declared without a jail", advice: "Give one: .sshd.") }
        for address in ignored where IPNetwork(address) == nil {
            throw Failure(
                "invalid address “\(address.escaped)” that fail2ban ignores", advice: "Write one such as 10.0.0.0/8.")
        }
        let names = jails.map(\.name)
        for name in names where names.count(where: { $0 == name }) > 1 {
            throw Failure("the jail \(name.escaped) is given twice", advice: "Give it once.")
        }
        try ([defaults] + jails).forEach { try $0.validate() }
    }
}

extension Fail2ban.Jail {
    fileprivate func validate() throws {
        func isWord(_ text: String) -> Bool {
            !text.isEmpty && text.utf8.allSatisfy { $0.isASCIILetterOrDigit || "-_.".utf8.contains($0) }
        }
        guard isWord(name), filter.map(isWord) ?? true, settings.keys.allSatisfy(isWord) else {
            throw Failure(
                "invalid name in the jail “\(name.escaped)”",
                advice: "Jails, filters and settings have letters, digits, “-”, “_” and dots.")
        }
        var values = Array(settings.values)
        switch log {
        case .files(let paths):
            guard !paths.isEmpty, paths.allSatisfy({ $0.hasPrefix("/") }) else {
                throw Failure("the jail \(name) reads no file, or one without an absolute path")
            }
            values += paths
        case .journalEntries(let match): values.append(match)
        case .journal, nil: break
        }
        guard values.allSatisfy({ !$0.isEmpty && !$0.utf8.contains { $0 < 0x20 } }) else {
            throw Failure("a value of the jail \(name) is empty, or has a control character in it")
        }
        for time in [findTime, banTime].compactMap(\.self) where time >= .zero && time.components.seconds < 1 {
            throw Failure("\(time) is too short for the jail \(name)", advice: "Give a second at least.")
        }
        guard maxRetry.map({ $0 > 0 }) ?? true, findTime.map({ $0 > .zero }) ?? true else {
            throw Failure("the jail \(name) would never count a failure", advice: "Give maxRetry and findTime above 0.")
        }
    }
}

extension Firewall.Ports {
    /// As fail2ban writes it.
    fileprivate var fail2ban: String {
        range.lowerBound == range.upperBound ? "\(range.lowerBound)" : "\(range.lowerBound):\(range.upperBound)"
    }
}
