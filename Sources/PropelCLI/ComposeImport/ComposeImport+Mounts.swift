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
            tmpfs(value["tmpfs"] ?? .empty, at: mount.target)
        case "bind": bind(mount)
        case "volume":
            if let source = mount.source { named(source, mount) } else { anonymous(mount) }
        default: omit("volumes: \(mount.words)", "Propel knows no mount of the type \(mount.type)")
        }
    }

    static func mount(_ value: ComposeValue) -> Mount? {
        if value.isMap {
            let type = value["type"]?.string ?? "volume", target = value["target"]?.string ?? ""
            let source = type == "bind" ? value["source"]?.text.map(relative) : value["source"]?.text
            var rest: [String] = []
            let propagation = value["bind"]?["propagation"]?.string
            if let propagation, !Self.propagations.contains(propagation) {
                rest.append("propagation: \(propagation)")
            }
            // What is left has no effect on Debian, or is docker's default.
            for (section, known) in [
                ("volume", ["labels"]), ("bind", ["propagation", "selinux", "create_host_path"]),
                ("tmpfs", ["size", "mode"]),
            ] {
                for entry in value[section]?.entries ?? [] where !known.contains(entry.key) {
                    if entry.value.bool != false { rest.append(entry.key) }
                }
            }
            if value["read_only"]?.text?.literal == nil, value["read_only"] != nil { rest.append("read_only") }
            return Mount(
                type: type, source: source, target: target,
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

    /// The source of a bind in the long syntax: `data` is `./data` there.
    private static func relative(_ source: ComposeText) -> ComposeText {
        guard case .literal(let first)? = source.parts.first, let character = first.first, !"./~".contains(character)
        else { return source }
        return ComposeText(parts: [.literal("./" + first)] + source.parts.dropFirst())
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
        guard let key = source.literal else { return omit("volumes: \(mount.words)", Self.adviceForVariables) }
        let declared = project.sections["volumes"]?[key]
        let options = declared?["driver_opts"]?.entries ?? []
        let driver = declared?["driver"]?.text?.words ?? "local"
        if !["local", "default"].contains(driver) { return omit("volumes: \(mount.words)", "the driver \(driver)") }
        // A directory of the machine, written as a volume.
        let isBind = declared?["driver_opts"]?["o"]?.string?.split(separator: ",").contains("bind") == true
        if isBind, let device = declared?["driver_opts"]?["device"]?.text {
            return bind(
                Mount(
                    type: "bind", source: device, target: mount.target, isReadOnly: mount.isReadOnly, words: mount.words
                ))
        }
        if !options.isEmpty, let options = declared?["driver_opts"] { return fileSystem(of: key, options, mount) }
        for entry in declared?.entries ?? []
        where !["driver", "driver_opts", "external", "name"].contains(entry.key) && !entry.key.hasPrefix("x-") {
            omit("volumes: \(key): \(entry.key)")
        }
        // One whose key no stack takes keeps the name that it has in docker.
        let usual = Self.name(key) == key ? nil : ComposeText("\(project.name)_\(key)")
        let docker = declared?.dockerName(of: key) ?? usual
        // A volume that nobody may write to has to be written by somebody else.
        let isOthers = declared?["external"]?.bool == true || declared?["external"]?.isMap == true
        let isEverywhere =
            !isAnonymousElsewhere(key)
            && isReadOnlyEverywhere { $0.type == "volume" && $0.source?.literal == key }
        let isReadOnly = mount.isReadOnly && (isOthers || !isEverywhere)
        if mount.isReadOnly != isReadOnly { omit("volumes: \(mount.words): ro", "no container could write to it") }
        let quoted = SwiftText.quote(Self.name(key))
        let name =
            docker.map {
                "named: \(content($0))"
                    + ($0.literal == nil || usual != nil && declared?.dockerName(of: key) == nil
                        ? ", as: \(quoted)" : "")
            } ?? quoted
        // What somebody else writes is in their backups.
        let access = isReadOnly ? ", isReadOnly: true" + (isOthers && isEverywhere ? ", backup: .none" : "") : ""
        lines.append("Volume(\(name), at: \(SwiftText.quote(mount.target))\(access))")
    }

    /// The name of a volume that has none in the file.
    static func anonymousName(of service: String, at target: String) -> String {
        name("\(service)\(target.replacing("/", with: "-"))")
    }

    private mutating func anonymous(_ mount: Mount) {
        let name = Self.anonymousName(of: service, at: mount.target)
        lines.append("Volume(\(SwiftText.quote(name)), at: \(SwiftText.quote(mount.target)), backup: .none)")
    }

    /// Whether a volume is one that another service has without a name.
    private func isAnonymousElsewhere(_ key: String) -> Bool {
        project.services.contains { service in
            (service.value["volumes"]?.list ?? []).compactMap { Self.mount($0) }.contains {
                $0.type == "volume" && $0.source == nil
                    && Self.anonymousName(of: service.name, at: $0.target) == Self.name(key)
            }
        }
    }

    private func isReadOnlyEverywhere(_ isSame: (Mount) -> Bool) -> Bool {
        project.services.allSatisfy { service in
            (service.value["volumes"]?.list ?? []).compactMap { Self.mount($0) }.filter(isSame).allSatisfy(\.isReadOnly)
        }
    }

    // MARK: - Files and directories of the machine

    private mutating func bind(_ mount: Mount) {
        guard let path = mount.source.map(atHome)?.literal else { return bindWithVariables(mount) }
        let full = onMachine(path)
        // A directory in which something is mounted later is no place for data.
        guard path.hasPrefix("."), mount.propagation == nil else { return bindMount(full, mount) }
        let here = URL(filePath: path, relativeTo: project.directory).standardizedFileURL
        let isDirectory = Self.isDirectory(here)
        if isDirectory == false {
            // What is no text, or a large one, stays where it is.
            if Self.isState(here.lastPathComponent) || Self.text(of: here) == nil { return bindMount(full, mount) }
            return configurationFile(here, path, at: mount.target)
        }
        if isDirectory == nil, Self.looksLikeFile(path) {
            lines.append("// \(path.escaped) is not here: it stays on the machine.")
            return bindMount(full, mount)
        }
        if holdsData(mount) {
            // The backup of the directory around it has it too, and a restore of one would replace the other.
            if isWithinOther(full) { return bindMount(full, mount) }
            if Self.isPlaceForData(full) { return directoryVolume(path, full, mount) }
            lines.append("// \(full.escaped) is no place for a volume: it has no backup.")
            return bindMount(full, mount)
        }
        // Nobody writes to it: it is part of the description.
        if isDirectory == true, let files = Self.files(below: here) {
            for file in files {
                configurationFile(
                    here.appending(path: file), "\(path)/\(file)", at: "\(mount.target)/\(file)")
            }
        } else {
            bindMount(full, mount)
        }
    }

    /// A mount whose path has a part from hosts.conf.
    private mutating func bindWithVariables(_ mount: Mount) {
        guard let source = mount.source.map({ onMachine($0) }), let string = string(source) else {
            return omit("volumes: \(mount.words)")
        }
        let place = "FilePath(\(string))", full = source.words
        if holdsData(mount), Self.isPlaceForData(source.sample), !isWithinOther(full) {
            return directoryVolume(mount.source?.sample ?? full, full, as: place, mount)
        }
        lines.append("BindMount(\(place), at: \(SwiftText.quote(mount.target))\(access(mount)))")
    }

    /// Whether a mount is of a directory of the project that a container writes to.
    private func holdsData(_ mount: Mount) -> Bool {
        guard mount.type == "bind", mount.propagation == nil, let path = mount.source?.words, path.hasPrefix(".")
        else { return false }
        // What has a variable in it cannot be looked at here.
        let here = mount.source?.literal.flatMap {
            Self.isDirectory(URL(filePath: $0, relativeTo: project.directory).standardizedFileURL)
        }
        guard here ?? !Self.looksLikeFile(path) else { return false }
        return !isReadOnlyEverywhere { $0.type == "bind" && $0.source?.words == path }
    }

    /// Whether a directory is in another one that is a volume.
    private func isWithinOther(_ directory: String) -> Bool {
        project.services.contains { service in
            (service.value["volumes"]?.list ?? []).compactMap { Self.mount($0) }.contains { mount in
                guard holdsData(mount), let path = mount.source?.literal.map(onMachine) else { return false }
                return path != directory && FilePath(directory).starts(with: FilePath(path))
                    && Self.isPlaceForData(path)
            }
        }
    }

    /// Whether a path is a directory; nil if there is nothing.
    private static func isDirectory(_ url: URL) -> Bool? {
        var isDirectory: ObjCBool = false
        return FileManager.default.fileExists(atPath: url.path, isDirectory: &isDirectory) ? isDirectory.boolValue : nil
    }

    func access(_ mount: Mount) -> String {
        (mount.isReadOnly ? "" : ", isReadOnly: false") + (mount.propagation.map { ", propagation: .\($0)" } ?? "")
    }

    mutating func bindMount(_ path: String, _ mount: Mount) {
        let at = path == mount.target ? "" : ", at: \(SwiftText.quote(mount.target))"
        lines.append("BindMount(\(SwiftText.quote(path))\(at)\(access(mount)))")
    }

    /// - Parameters:
    ///   - path: the path in the project, for the name.
    ///   - full: the path on the machine.
    ///   - place: the same in Swift; its string by default.
    private mutating func directoryVolume(
        _ path: String, _ full: String, as place: String? = nil, _ mount: Mount
    ) {
        let declared = Set((project.sections["volumes"]?.entries ?? []).map { Self.name($0.key) })
        if directoryVolumes[full] == nil {
            let words = path.split(separator: "/").filter { $0 != "." && $0 != ".." }.joined(separator: "-")
            let base = words.isEmpty ? "project" : Self.name(words)
            directoryVolumes[full] = SwiftText.free(base, besides: declared.union(directoryVolumes.values))
        }
        let name = SwiftText.quote(directoryVolumes[full] ?? "")
        lines.append(
            "Volume(\(name), at: \(SwiftText.quote(mount.target)), in: \(place ?? SwiftText.quote(full))"
                + (mount.isReadOnly ? ", isReadOnly: true)" : ")"))
    }
}
