import Foundation
import Propel

/// Prints a compose project as the Swift of a `Stack`.
struct ComposeImport {
    let project: ComposeProject
    /// The directory of the project on the machine.
    let directory: FilePath
    var secrets: SecretNames
    /// The variables that hosts.conf has to give, in the order in which they were found.
    private(set) var keys: [String] = []
    /// The keys that were left out: `app: scale: …`.
    private(set) var omissions: [String] = []
    /// The lines of the container that is written, and its name.
    var lines: [String] = []
    var service = ""
    /// Volumes in directories: their names, by the directories.
    var directoryVolumes: [String: String] = [:]
    /// The networks that are written beside the containers.
    var networkLines: [String] = []
    /// The repositories that images are built from.
    var checkouts: [String] = []
    /// The file systems that containers see.
    var mounts: [String] = []
    /// The files that stand beside the stack.
    var files: [String] = []

    init(_ project: ComposeProject, directory: FilePath) {
        self.project = project
        self.directory = directory
        secrets = SecretNames(stack: project.name)
        omissions = project.omissions.map(\.escaped)
    }

    /// The home in which the project lies on the machine.
    var home: String? {
        let parts = directory.components.map(\.string)
        if parts.first == "root" { return "/root" }
        return parts.first == "home" && parts.count > 1 ? "/home/\(parts[1])" : nil
    }

    /// A value with what the shell knows about the machine: where the project lies, and whose home that is.
    func placed(_ text: ComposeText) -> ComposeText {
        let places = ["HOME": home, "PWD": directory.string]
        var result = ComposeText(
            parts: Interpolation.joined(
                text.parts.map { part in
                    if case .key(let name) = part, let place = places[name] ?? nil { .literal(place) } else { part }
                }))
        result.isQuoted = text.isQuoted
        return result
    }

    /// The Swift.
    mutating func swift() -> String {
        findSecrets()
        let containers = project.services.flatMap { service in
            container(ComposeProject.Service(name: service.name, value: service.value.mapTexts(placed)))
        }
        networks()
        var stack = "Stack(\(SwiftText.quote(project.name))"
        // The directory of a stack is its own.
        let own = FilePath("/srv").appending(escaping: project.name)
        let isTaken = containers.contains { $0.contains("\"\(own.string)/") || $0.contains("\"\(own.string)\"") }
        if isTaken || directory.starts(with: own) || own.starts(with: directory) {
            stack += ", directory: \(SwiftText.quote("/srv/propel/\(project.name)"))"
        }
        // As in a compose file, where all reach each other. Otherwise a container has a network of its name.
        let networks = (project.sections["networks"]?.entries ?? []).map { Self.name($0.key) }
        let names = project.services.map { Self.name($0.name) }
        if names.count > 1 || networks.contains(where: names.contains) { stack += ", networks: .shared" }
        let parts = networkLines + containers
        if parts.contains(where: { $0.contains("if try ") }) { stack = "try " + stack }
        let body = checkouts + mounts + files + [stack + ") {"] + parts.map(Self.indented) + ["}"]
        return (heading + body).joined(separator: "\n") + "\n"
    }

    static func indented(_ line: String) -> String { line.isEmpty ? "" : "    " + line }

    /// The steps before the first deployment, and the constants.
    private var heading: [String] {
        let files = project.files.map(\.escaped).joined(separator: ", ")
        var lines = ["// From \(files), by `propel compose import`."]
        if !secrets.found.isEmpty {
            lines += ["//", "// Before the first deployment, with the values of the file:"]
            lines += secrets.found.map {
                "//     propel secret set \($0.name)" + ($0.file.map { " --file \($0.escaped)" } ?? "")
            }
        }
        if !keys.isEmpty {
            lines += ["//", "// In the host's entry of hosts.conf:"]
            lines += keys.map { "//     \(Self.key($0)) = \"…\"" }
        }
        let profiles = Set(project.services.flatMap { $0.value["profiles"]?.strings ?? [] }).sorted()
        if !profiles.isEmpty {
            lines += ["//", "// Containers of a profile are there if the host's entry says so:"]
            lines += profiles.map { "//     \(Self.key("profile-\($0)")) = true" }
        }
        lines += project.unscaled.map {
            "// \($0.escaped) is left out: the file asks for no container of it (scale: 0)."
        }
        lines += project.omissions.map { "// not taken over: \($0.escaped)" }
        if !keys.isEmpty { lines.append("") }
        lines += keys.map { "let \(SwiftText.name($0)) = try host.string(\(SwiftText.quote(Self.key($0)))) ?? \"\"" }
        return lines + [""]
    }

    /// The key of hosts.conf for a variable.
    static func key(_ variable: String) -> String {
        variable.lowercased().split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }.joined(separator: "-")
    }

    // MARK: - What is left out

    /// Notes that a key is not taken over.
    mutating func omit(_ key: String, _ reason: String? = nil) {
        let words = key + (reason.map { ": \($0)" } ?? "")
        let safe = String(words.prefix(300)).escaped
        lines.append("// not taken over: \(safe)")
        omissions.append(service.isEmpty ? safe : "\(service): \(safe)")
    }

    // MARK: - Text

    /// A string of Swift; nil if it contains a secret, where none can be.
    mutating func string(_ text: ComposeText) -> String? {
        if text.hasSecret { return nil }
        return content(text)
    }

    /// A string of Swift, in which secrets are interpolated.
    mutating func content(_ text: ComposeText) -> String { "\"\(escaped(text))\"" }

    /// - Parameter inLines: see ``SwiftText/escape(_:inLines:)``.
    mutating func escaped(_ text: ComposeText, inLines: Bool = false) -> String {
        text.parts.map { part in
            switch part {
            case .literal(let text): return SwiftText.escape(text, inLines: inLines)
            case .secret(let variable, let value):
                return "\\(Secret(\(SwiftText.quote(secrets.name(of: variable, value: value, in: service)))))"
            case .key(let variable): return "\\(\(constant(variable)))"
            }
        }.joined()
    }

    /// The name of the constant with the value that hosts.conf gives a variable.
    mutating func constant(_ variable: String) -> String {
        if !keys.contains(variable) { keys.append(variable) }
        return SwiftText.name(variable)
    }

    /// The string of a value that must be known here: one with a variable is left out.
    mutating func plain(_ value: ComposeValue?, _ key: String) -> String? {
        guard let text = value?.text else { return nil }
        if text.literal == nil { omit("\(key): \(text.words)", Self.adviceForVariables) }
        return text.literal
    }

    /// Strings of Swift, with commas between them.
    mutating func list(_ value: ComposeValue?) -> String {
        (value?.texts ?? []).compactMap { string($0) }.joined(separator: ", ")
    }

    /// Writes a part with one string.
    mutating func part(_ name: String, _ value: ComposeValue, key: String) {
        guard let text = value.text else { return omit(key, "it is no string") }
        // To compose it is not there.
        if text.literal == "" { return }
        guard let string = string(text) else { return omit(key, Self.adviceForSecrets) }
        lines.append("\(name)(\(string))")
    }

    /// Writes a part with a list of strings.
    mutating func part(_ name: String, list value: ComposeValue, key: String) {
        let strings = value.texts.map { string($0) }
        guard !strings.contains(nil) else { return omit(key, Self.adviceForSecrets) }
        guard !strings.isEmpty else { return }
        lines.append("\(name)(\(strings.compactMap(\.self).joined(separator: ", ")))")
    }

    /// Writes a part with a map of strings.
    /// - Parameter first: the argument before the map; there is no such argument by default.
    mutating func part(_ name: String, _ first: String? = nil, map entries: [ComposeValue.Entry], key: String) {
        var pairs: [String] = []
        for entry in entries {
            let text = entry.value.text ?? ComposeText("")
            guard let value = string(text) else {
                omit("\(key): \(entry.key)", "it contains a secret")
                continue
            }
            guard !entry.key.contains("${") else {
                omit("\(key): \(entry.key)", Self.adviceForNames)
                continue
            }
            pairs.append("\(SwiftText.quote(entry.key)): \(value)")
        }
        guard !pairs.isEmpty else { return }
        let before = first.map { $0 + ", " } ?? "", line = "\(name)(\(before)[\(pairs.joined(separator: ", "))])"
        if pairs.count == 1 || first != nil && line.utf8.count <= 90 { return lines.append(line) }
        guard let first else {
            lines.append("\(name)([")
            lines += pairs.map { "    \($0)," }
            return lines.append("])")
        }
        lines += ["\(name)(", "    \(first),", "    ["] + pairs.map { "        \($0)," } + ["    ])"]
    }
}
