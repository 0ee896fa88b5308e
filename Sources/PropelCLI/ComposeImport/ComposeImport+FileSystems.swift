/// Volumes for which docker mounts a file system: a share, memory, a disk.
extension ComposeImport {
    /// A volume with the options `type`, `device` and `o`. The machine mounts it, and containers see the directory.
    mutating func fileSystem(of key: String, _ options: ComposeValue, _ mount: Mount) {
        let device = options["device"]?.text ?? ComposeText("")
        guard let type = options["type"]?.string, !type.isEmpty else {
            return omit("volumes: \(mount.words)", "it has no type: mount it with Mount, and use a BindMount")
        }
        let all = (options["o"]?.text?.split(at: ",") ?? []).filter { $0.literal?.trimmed != "" }
        if type == "tmpfs", isMountedOnce(key) {
            let words = all.map(\.words).joined(separator: ",")
            return tmpfs(ComposeText(mount.target + (words.isEmpty ? "" : ":" + words)))
        }
        let path = "/mnt/\(project.name)-\(Self.name(key))"
        guard let line = declaration(of: path, device, type, all) else {
            return omit("volumes: \(mount.words)", "mount it with Mount, and use a BindMount")
        }
        if !mounts.contains(line) { mounts.append(line) }
        lines.append("BindMount(\(SwiftText.quote(path)), at: \(SwiftText.quote(mount.target))\(access(mount)))")
    }

    /// Whether one container has it, and at one place.
    private func isMountedOnce(_ key: String) -> Bool {
        let all = project.services.flatMap { $0.value["volumes"]?.list ?? [] }.compactMap { Self.mount($0) }
        return all.filter { $0.type == "volume" && $0.source?.literal == key }.count == 1
    }

    /// The `Mount` beside the stack; nil if an option cannot stand in it.
    private mutating func declaration(
        of path: String, _ device: ComposeText, _ type: String, _ options: [ComposeText]
    ) -> String? {
        var device = device, rest: [String] = [], user: ComposeText?, password: ComposeText?, domain: ComposeText?
        for option in options {
            let (name, value) = Self.pair(option)
            switch name {
            // Of nfs it stands before the path; others find the address by the name.
            case "addr" where type.hasPrefix("nfs"):
                if device.literal?.hasPrefix(":") == true { device = ComposeText(parts: value.parts + device.parts) }
            case "addr" where Self.isCIFS(type): break
            case "username" where Self.isCIFS(type), "user" where Self.isCIFS(type): user = value
            case "password" where Self.isCIFS(type), "pass" where Self.isCIFS(type): password = value
            case "domain" where Self.isCIFS(type), "dom" where Self.isCIFS(type): domain = value
            default:
                guard let string = string(option) else { return nil }
                rest.append(string)
            }
        }
        guard var source = string(device) else { return nil }
        if source == "\"\"" { source = SwiftText.quote(type) }
        var credentials: String?
        if let user, let password, password.literal != "" {
            guard let name = string(user) else { return nil }
            let file = "/etc/\(path.split(separator: "/").last ?? "").credentials"
            let secret = secretName(of: password, called: "\(path.split(separator: "/").last ?? "")-password")
            let group = domain.flatMap { string($0) }.map { ", domain: \($0)" } ?? ""
            let words = "\(SwiftText.quote(file)), username: \(name), password: Secret(\(SwiftText.quote(secret)))"
            credentials = ".init(\(words)\(group))"
        } else {
            // A guest has no password.
            guard password == nil || password?.literal == "" else { return nil }
            for (name, value) in [("username", user), ("domain", domain)] {
                guard let value else { continue }
                guard !value.hasSecret else { return nil }
                rest.append("\"\(name)=\(escaped(value))\"")
            }
            if password != nil { rest.append("\"guest\"") }
        }
        var words = [SwiftText.quote(path), "from: \(source)", "type: \(SwiftText.quote(type))"]
        if !rest.isEmpty { words.append("options: [\(rest.joined(separator: ", "))]") }
        words.append(#"before: ["docker.service"]"#)
        if let credentials { words.append("credentials: \(credentials)") }
        return "Mount(\(words.joined(separator: ", ")))"
    }

    private static func isCIFS(_ type: String) -> Bool { ["cifs", "smb3"].contains(type) }

    /// The name of the secret with a password, whether it stands in the file or in a variable.
    private mutating func secretName(of password: ComposeText, called name: String) -> String {
        if password.parts.count == 1, case .secret(let variable, let value) = password.parts[0] {
            return secrets.name(of: variable, value: value)
        }
        return secrets.name(of: name, value: password.literal)
    }

    /// `addr=192.0.2.7`, of which the name is a literal.
    private static func pair(_ option: ComposeText) -> (String, ComposeText) {
        guard case .literal(let first)? = option.parts.first, let index = first.firstIndex(of: "=") else {
            return (option.words, ComposeText(""))
        }
        let value = String(first[first.index(after: index)...])
        let parts = (value.isEmpty ? [] : [.literal(value)]) + option.parts.dropFirst()
        return (String(first[..<index]).trimmed, ComposeText(parts: parts.isEmpty ? [.literal("")] : parts))
    }
}
