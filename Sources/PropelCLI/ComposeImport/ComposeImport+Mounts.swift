import Foundation
import Propel

extension ComposeImport {
    /// One entry of `volumes`, in either syntax.
    struct Mount {
        var type: String
        var source: ComposeText?
        var target: String
        var isReadOnly = false
        /// Unless it is docker's default.
        var propagation: String?
        /// The options that are not taken over.
        var rest: [String] = []
        var words: String
    }

    mutating func volume(_ value: ComposeValue) {
        guard var mount = Self.mount(value) else { return omit("volumes: \(value.text?.words ?? "")") }
        guard mount.target.hasPrefix("/"), !mount.target.contains("${") else {
            return omit("volumes: \(mount.words)", "its path in the container is not absolute")
        }
        // `/data/` is `/data`.
        mount.target = FilePath(mount.target).lexicallyNormalized().string
        for key in mount.rest { omit("volumes: \(mount.words): \(key)") }
        switch mount.type {
        case "tmpfs":
            let size = value["tmpfs"]?["size"]?.string
            tmpfs(ComposeText(mount.target + (size.map { ":size=\($0)" } ?? "")))
        case "bind": bind(mount)
        case "volume":
            if let source = mount.source { named(source, mount) } else { anonymous(mount) }
        default: omit("volumes: \(mount.words)", "Propel knows no mount of the type \(mount.type)")
        }
    }

    static func mount(_ value: ComposeValue) -> Mount? {
        if value.isMap {
            let source = value["source"]?.text, target = value["target"]?.string ?? ""
            var rest: [String] = []
            let propagation = value["bind"]?["propagation"]?.string
            if let propagation, !Self.propagations.contains(propagation) {
                rest.append("propagation: \(propagation)")
            }
            for key in ["subpath", "nocopy"] where value["volume"]?[key] != nil && value["volume"]?[key]?.bool != false
            {
                rest.append(key)
            }
            return Mount(
                type: value["type"]?.string ?? "volume", source: source, target: target,
                isReadOnly: value["read_only"]?.bool == true, propagation: Self.propagation([propagation ?? ""]),
                rest: rest, words: "\(source?.words ?? ""):\(target)")
        }
        guard let text = value.text else { return nil }
        var (source, rest) = split(text)
        // A path alone is a volume without a name.
        if rest.isEmpty { (source, rest) = (nil, text.words) }
        let parts = rest.split(separator: ":", maxSplits: 1).map(String.init)
        guard let target = parts.first else { return nil }
        let options = parts.count > 1 ? parts[1].split(separator: ",").map(String.init) : []
        // Labels of SELinux and the caches of macOS have no meaning on Debian. Compose 2 ignores
        // options that it does not know, such as `roz`, and the container may write.
        let known =
            ["ro", "rw", "z", "Z", "rwz", "rwZ", "roz", "roZ", "cached", "delegated", "consistent"] + Self.propagations
        let first: Character? = source.flatMap { $0.words.first }
        let isKey = source.map { if case .key? = $0.parts.first { true } else { false } } ?? false
        return Mount(
            type: first.map { "./~".contains($0) } == true || isKey ? "bind" : "volume", source: source, target: target,
            isReadOnly: options.contains("ro"), propagation: Self.propagation(options),
            rest: options.filter { !known.contains($0) }, words: text.words)
    }

    private static let propagations = ["private", "rprivate", "shared", "rshared", "slave", "rslave"]

    /// The last of them in some options; nil for docker's default.
    private static func propagation(_ options: [String]) -> String? {
        let last = options.last { propagations.contains($0) }
        return last == "rprivate" ? nil : last
    }

    /// The source, which may have variables, and what comes after its colon.
    private static func split(_ text: ComposeText) -> (ComposeText?, String) {
        for (index, part) in text.parts.enumerated() {
            guard case .literal(let literal) = part, let colon = literal.firstIndex(of: ":") else { continue }
            let before = String(literal[..<colon]), after = String(literal[literal.index(after: colon)...])
            let source = ComposeText(
                parts: Array(text.parts[..<index]) + (before.isEmpty ? [] : [.literal(before)]))
            let rest = ComposeText(parts: [.literal(after)] + text.parts[(index + 1)...])
            return (source, rest.words)
        }
        return (text, "")
    }

    // MARK: - Volumes

    private mutating func named(_ source: ComposeText, _ mount: Mount) {
        guard let key = source.literal else { return omit("volumes: \(mount.words)", "give its variable in --env") }
        let declared = project.sections["volumes"]?[key]
        let options = declared?["driver_opts"]?.entries ?? []
        let driver = declared?["driver"]?.string ?? "local"
        if driver != "local" { return omit("volumes: \(mount.words)", "the driver \(driver)") }
        // A directory of the machine, written as a volume.
        let isBind = declared?["driver_opts"]?["o"]?.string?.split(separator: ",").contains("bind") == true
        if isBind, let device = declared?["driver_opts"]?["device"]?.text {
            return bind(
                Mount(
                    type: "bind", source: device, target: mount.target, isReadOnly: mount.isReadOnly, words: mount.words
                ))
        }
        if !options.isEmpty {
            let type = declared?["driver_opts"]?["type"]?.string ?? "options"
            return omit("volumes: \(mount.words)", "\(type): mount it with Mount, and use a BindMount")
        }
        let external = declared?["external"]
        let isExternal = external?.bool == true || external?.isMap == true
        let docker = declared?["name"]?.string ?? external?["name"]?.string ?? (isExternal ? key : nil)
        // A volume that nobody may write to has to be written by somebody else.
        let isReadOnly = mount.isReadOnly && !isReadOnlyEverywhere { $0.type == "volume" && $0.source?.literal == key }
        if mount.isReadOnly != isReadOnly { omit("volumes: \(mount.words): ro", "no container could write to it") }
        let name = docker.map { "named: \(SwiftText.quote($0))" } ?? SwiftText.quote(Self.name(key))
        lines.append("Volume(\(name), at: \(SwiftText.quote(mount.target))\(isReadOnly ? ", isReadOnly: true" : ""))")
    }

    private mutating func anonymous(_ mount: Mount) {
        let name = Self.name("\(service)\(mount.target.replacing("/", with: "-"))")
        lines.append("Volume(\(SwiftText.quote(name)), at: \(SwiftText.quote(mount.target)), backup: .none)")
    }

    private func isReadOnlyEverywhere(_ isSame: (Mount) -> Bool) -> Bool {
        project.services.allSatisfy { service in
            (service.value["volumes"]?.list ?? []).compactMap { Self.mount($0) }.filter(isSame).allSatisfy(\.isReadOnly)
        }
    }

    // MARK: - Files and directories of the machine

    private mutating func bind(_ mount: Mount) {
        guard let source = mount.source, let path = source.literal else {
            guard let source = mount.source, let string = string(source) else { return omit("volumes: \(mount.words)") }
            return lines.append("BindMount(FilePath(\(string)), at: \(SwiftText.quote(mount.target))\(access(mount)))")
        }
        if path.hasPrefix("~"), !onMachine(path).hasPrefix("/") {
            return omit("volumes: \(mount.words)", "say whose home it is: --directory /home/NAME/…")
        }
        let isRelative = path.hasPrefix("."), full = onMachine(path)
        // A directory in which something is mounted later is no place for data.
        guard isRelative, mount.propagation == nil else { return bindMount(full, mount) }
        let here = URL(filePath: path, relativeTo: project.directory).standardizedFileURL
        var isDirectory: ObjCBool = false
        let isHere = FileManager.default.fileExists(atPath: here.path, isDirectory: &isDirectory)
        if isHere, !isDirectory.boolValue {
            // What is no text, or a large one, stays where it is.
            if Self.isState(here.lastPathComponent) || Self.text(of: here) == nil { return bindMount(full, mount) }
            return configurationFile(here, path, at: mount.target)
        }
        if !isHere, Self.looksLikeFile(path) {
            return omit("volumes: \(mount.words)", "there is no such file here: use a ConfigurationFile")
        }
        guard isReadOnlyEverywhere({ $0.type == "bind" && $0.source?.literal == path }) else {
            return directoryVolume(path, full, mount)
        }
        // Nobody writes to it: it is part of the description.
        if isHere, let files = Self.files(below: here) {
            for file in files {
                configurationFile(
                    here.appending(path: file), "\(path)/\(file)", at: "\(mount.target)/\(file)")
            }
        } else {
            bindMount(full, mount)
        }
    }

    private func access(_ mount: Mount) -> String {
        (mount.isReadOnly ? "" : ", isReadOnly: false") + (mount.propagation.map { ", propagation: .\($0)" } ?? "")
    }

    private mutating func bindMount(_ path: String, _ mount: Mount) {
        let at = path == mount.target ? "" : ", at: \(SwiftText.quote(mount.target))"
        lines.append("BindMount(\(SwiftText.quote(path))\(at)\(access(mount)))")
    }

    private mutating func directoryVolume(_ path: String, _ full: String, _ mount: Mount) {
        let declared = Set((project.sections["volumes"]?.entries ?? []).map { Self.name($0.key) })
        if directoryVolumes[full] == nil {
            let words = path.split(separator: "/").filter { $0 != "." && $0 != ".." }.joined(separator: "-")
            let base = words.isEmpty ? "project" : Self.name(words)
            let taken = declared.union(directoryVolumes.values)
            directoryVolumes[full] =
                taken.contains(base) ? (2...).lazy.map { "\(base)-\($0)" }.first { !taken.contains($0) } ?? base : base
        }
        let name = SwiftText.quote(directoryVolumes[full] ?? "")
        lines.append(
            "Volume(\(name), at: \(SwiftText.quote(mount.target)), in: \(SwiftText.quote(full))"
                + (mount.isReadOnly ? ", isReadOnly: true)" : ")"))
    }

    // MARK: - Files of the project

    /// An entry of `secrets` or `configs` of a service.
    mutating func file(_ value: ComposeValue, of section: String) {
        let name = (value["source"] ?? value).string ?? ""
        let declared = project.sections[section]?[name], key = "\(section): \(name)"
        let folder = section == "secrets" ? "/run/secrets/" : "/"
        let wanted = value["target"]?.string ?? name, target = wanted.hasPrefix("/") ? wanted : folder + wanted
        let mode = value["mode"]?.string.flatMap { Int($0.replacing("0o", with: ""), radix: 8) } ?? 0o444
        let owner = value["uid"]?.string.flatMap { UInt32($0) }
        let rest = ", mode: 0o\(String(mode, radix: 8))" + (owner.map { ", owner: \($0)" } ?? "") + ")"
        if let content = declared?["content"]?.text {
            let text = self.content(apart(content, of: name))
            return lines.append("ConfigurationFile(\(SwiftText.quote(target)), \(text)\(rest)")
        }
        if section == "secrets", let declared, declared["file"] != nil || declared["environment"] != nil {
            let variable = declared["environment"]?.string
            let secret =
                variable.map { secrets.name(of: $0, value: project.variables[$0]) }
                ?? secrets.name(ofFile: declared["file"]?.string ?? "", called: name)
            return lines.append(
                "ConfigurationFile(\(SwiftText.quote(target)), \"\\(Secret(\(SwiftText.quote(secret))))\"\(rest)")
        }
        if let file = declared?["file"]?.string {
            let here = URL(filePath: file, relativeTo: project.directory).standardizedFileURL
            if FileManager.default.fileExists(atPath: here.path), Self.text(of: here) == nil {
                return bindMount(
                    onMachine(file), Mount(type: "bind", target: target, isReadOnly: true, words: "\(key): \(file)"))
            }
            return configurationFile(here, file, at: target)
        }
        omit(key, "it is not in the file")
    }

    private mutating func configurationFile(_ file: URL, _ path: String, at target: String) {
        guard let text = Self.text(of: file) else {
            return omit("volumes: \(path)", "there is no such file here: use a ConfigurationFile")
        }
        let isExecutable = FileManager.default.isExecutableFile(atPath: file.path)
        let mode = isExecutable ? ", mode: 0o755" : ""
        if text.contains("PRIVATE KEY-----")
            || [".htpasswd", "htpasswd", ".pgpass", ".netrc"].contains(file.lastPathComponent)
        {
            let name = secrets.name(ofFile: path, called: file.lastPathComponent)
            return lines.append(
                "ConfigurationFile(\(SwiftText.quote(target)), \"\\(Secret(\(SwiftText.quote(name))))\", mode: 0o444)")
        }
        let escaped = escaped(apart(text, of: file.lastPathComponent))
        guard escaped.contains("\\n") else {
            return lines.append("ConfigurationFile(\(SwiftText.quote(target)), \"\(escaped)\"\(mode))")
        }
        lines.append("ConfigurationFile(")
        let body = SwiftText.lines(escaped.replacing("\\\"", with: "\""))
        lines += ["    \(SwiftText.quote(target)),"] + body.dropLast().map(Self.indented)
        lines.append("    \(body.last ?? "")\(mode))")
    }

    static func text(of file: URL) -> String? {
        guard let data = try? Data(contentsOf: file), data.count <= 64 << 10, !data.contains(0) else { return nil }
        return String(validating: data, as: UTF8.self)
    }

    /// The files of a small directory of texts; nil for any other.
    private static func files(below directory: URL) -> [String]? {
        guard let names = try? FileManager.default.subpathsOfDirectory(atPath: directory.path) else { return nil }
        var files: [String] = []
        for name in names.sorted() {
            let url = directory.appending(path: name)
            var isDirectory: ObjCBool = false
            if FileManager.default.fileExists(atPath: url.path, isDirectory: &isDirectory), isDirectory.boolValue {
                continue
            }
            guard text(of: url) != nil else { return nil }
            files.append(name)
        }
        return (1...20).contains(files.count) ? files : nil
    }

    /// Files that a program writes.
    private static func isState(_ name: String) -> Bool {
        ["acme.json", "letsencrypt.json"].contains(name)
            || [".db", ".sqlite", ".sqlite3", ".log", ".sock"].contains { name.hasSuffix($0) }
    }

    /// Whether a path that is not here names a file rather than a directory.
    private static func looksLikeFile(_ path: String) -> Bool {
        let name = path.split(separator: "/").last.map(String.init) ?? "", parts = name.split(separator: ".")
        let extensions: Set<String> = [
            "conf", "cfg", "cnf", "ini", "yml", "yaml", "json", "toml", "xml", "sh", "sql", "py", "js", "lua", "crt",
            "pem", "key", "env", "txt", "html", "db", "sqlite", "log", "list", "rules", "properties", "tmpl", "config",
        ]
        return ["Caddyfile", "Dockerfile", "mosquitto.passwd", "htpasswd", ".htpasswd", ".env"].contains(name)
            || parts.count > 1 && name.first != "." && extensions.contains(parts.last.map(String.init) ?? "")
    }
}
