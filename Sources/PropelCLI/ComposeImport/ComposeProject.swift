import Foundation

/// A compose file with everything that it refers to: variables are interpolated, and `include`, `extends` and
/// `env_file` are resolved.
struct ComposeProject {
    struct Service: Equatable {
        var name: String
        /// With its lists as maps; see ``ComposeMerge/normalized(_:)``.
        var value: ComposeValue

        /// The number of its containers, if the file says one.
        var scale: Int? { (value["scale"] ?? value["deploy"]?["replicas"])?.string.flatMap { Int($0) } }

        /// Whether compose creates no container of it, until somebody scales it.
        var isUnscaled: Bool { scale == 0 }
    }

    /// The file, as the user named it.
    let file: String
    /// The directory on this computer that relative paths begin at.
    let directory: URL
    /// The name of the project.
    private(set) var name: String
    private(set) var services: [Service] = []
    /// The services of which the file asks for no container.
    private(set) var unscaled: [String] = []
    /// The services that are further containers of one that is scaled, with the name of that.
    private(set) var originals: [String: String] = [:]
    /// The sections `volumes`, `networks`, `secrets`, `configs`.
    private(set) var sections: [String: ComposeValue] = [:]
    /// The variables of the file that `--env` names.
    let variables: [String: String]
    /// The keys that were left out while reading: `app: env_file: …`.
    private(set) var omissions: [String] = []

    private static let sectionNames = ["volumes", "networks", "secrets", "configs"]

    /// - Parameters:
    ///   - file: the path of the compose file.
    ///   - environment: the path of the file with variables; by default `.env` beside the compose file, if it exists.
    ///   - name: the name of the project; that of the file or of its directory by default.
    /// - Throws: ``UsageError`` if a file is missing or compose would not accept it.
    init(file: String, environment: String?, name: String?) throws {
        let url = URL(filePath: file).standardizedFileURL
        self.file = url.lastPathComponent
        directory = url.deletingLastPathComponent()
        self.name = ""
        variables = try Self.variables(environment, beside: directory)
        var document = try Self.read(url, as: file, variables)
        if variables["COMPOSE_FILE"] == nil, let override = Self.override(of: url) {
            let name = override.lastPathComponent
            document = ComposeMerge.merge(document, with: try Self.read(override, as: name, variables))
            let text = try Self.text(override, as: name)
            if text.contains("!reset") || text.contains("!override") {
                omissions.append("\(name): !reset and !override: import what `docker compose config` prints")
            }
        }
        self.name =
            Self.projectName(name ?? document["name"]?.string ?? variables["COMPOSE_PROJECT_NAME"])
            ?? Self.projectName(directory.lastPathComponent) ?? "stack"
        try add(document, from: directory, variables, including: [url])
        unscaled = services.filter(\.isUnscaled).map(\.name)
        services.removeAll(where: \.isUnscaled)
        for service in services { scale(service) }
        guard !services.isEmpty else { throw UsageError(description: "\(file) has no services") }
    }

    /// Puts further services beside one that has several containers: a stack has one of each. A port or a name forbids
    /// that, and so does a network without names.
    private mutating func scale(_ service: Service) {
        guard let number = service.scale, (2...10).contains(number),
            ["ports", "container_name", "network_mode"].allSatisfy({ service.value[$0] == nil })
        else { return }
        let names = (2...number).map { "\(service.name)-\($0)" }
        guard !services.contains(where: { names.contains($0.name) }),
            let index = services.firstIndex(where: { $0.name == service.name })
        else { return }
        var value = service.value.without("scale")
        if let deploy = value["deploy"], deploy.isMap {
            value = value.setting("deploy", to: deploy.without("replicas"))
        }
        services[index].value = value
        services.insert(contentsOf: names.map { Service(name: $0, value: value) }, at: index + 1)
        for name in names { originals[name] = service.name }
    }

    /// The file that compose puts over one with a usual name, without being told to
    /// (<https://docs.docker.com/compose/how-tos/multiple-compose-files/merge/>).
    private static func override(of url: URL) -> URL? {
        let usual = ["compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml"]
        guard usual.contains(url.lastPathComponent) else { return nil }
        let base = url.deletingPathExtension().lastPathComponent
        return ["yml", "yaml"].map {
            url.deletingLastPathComponent().appending(path: "\(base).override.\($0)")
        }.first { FileManager.default.fileExists(atPath: $0.path) }
    }

    private static func variables(_ file: String?, beside directory: URL) throws -> [String: String] {
        // What the shell has besides is left out: the result would depend on who runs this, and where.
        if let file { return try EnvironmentFile(try text(URL(filePath: file), as: file)).values() }
        let url = directory.appending(path: ".env")
        guard FileManager.default.fileExists(atPath: url.path) else { return [:] }
        return try EnvironmentFile(try text(url, as: url.path)).values()
    }

    private static func text(_ url: URL, as name: String) throws -> String {
        do { return try String(contentsOf: url, encoding: .utf8) } catch let error as CocoaError {
            throw UsageError(description: "cannot read \(name): \(error.words)")
        }
    }

    private static func read(_ url: URL, as name: String, _ variables: [String: String]) throws -> ComposeValue {
        let document = try ComposeValue(yaml: try text(url, as: name), in: name)
        guard document.isMap else { throw UsageError(description: "\(name) is not a compose file") }
        // The first format had the services at the top.
        let isOld = !document.entries.contains {
            $0.key.hasPrefix("x-") || ["services", "include", "version"].contains($0.key)
                || sectionNames.contains($0.key)
        }
        let file: ComposeValue = isOld ? .map([.init(key: "services", value: document)]) : document
        let interpolation = Interpolation(variables: variables)
        return try file.mapTexts(interpolation.replace)
    }

    /// Such as docker makes of the name of a directory; nil if nothing is left.
    private static func projectName(_ name: String?) -> String? {
        guard let name else { return nil }
        let plain = name.lowercased().filter { $0.isASCII && ($0.isLetter || $0.isNumber || "-_".contains($0)) }
        let trimmed = plain.drop { "-_".contains($0) }
        return trimmed.isEmpty ? nil : String(trimmed)
    }

    // MARK: - Files that it refers to

    private mutating func add(
        _ document: ComposeValue, from base: URL, _ variables: [String: String], including files: [URL]
    ) throws {
        for entry in document["include"]?.list ?? [] {
            let paths = (entry["path"] ?? entry).strings
            for (number, path) in paths.enumerated() {
                guard number == 0 else {
                    omissions.append("include: \(path), which overrides \(paths[0])")
                    continue
                }
                let url = base.appending(path: path).standardizedFileURL
                guard !files.contains(url) else { throw UsageError(description: "\(path) includes itself") }
                var inner = variables
                for file in entry["env_file"]?.strings ?? [] {
                    let values = try EnvironmentFile(try Self.text(base.appending(path: file), as: file)).values()
                    inner.merge(values) { outer, _ in outer }
                }
                let folder = entry["project_directory"]?.string.map { base.appending(path: $0) }
                try add(
                    try Self.read(url, as: path, inner), from: folder ?? url.deletingLastPathComponent(), inner,
                    including: files + [url])
            }
        }
        for name in Self.sectionNames {
            for entry in document[name]?.entries ?? [] {
                let value = rebase(entry.value, key: name, from: base)
                sections[name] = (sections[name] ?? .empty).setting(entry.key, to: value)
            }
        }
        for entry in document["services"]?.entries ?? [] {
            var value = try extended(entry.value, entry.key, in: document, from: base, variables, [])
            value = try withEnvironmentFiles(value, of: entry.key, variables)
            services.removeAll { $0.name == entry.key }
            services.append(Service(name: entry.key, value: ComposeMerge.normalized(value)))
        }
        let known = Self.sectionNames + ["include", "services", "name", "version"]
        for entry in document.entries where !known.contains(entry.key) && !entry.key.hasPrefix("x-") {
            omissions.append(entry.key)
        }
    }

    /// A service with what it extends, its paths relative to the directory of the project.
    private func extended(
        _ service: ComposeValue, _ name: String, in document: ComposeValue, from base: URL,
        _ variables: [String: String], _ path: [String]
    ) throws -> ComposeValue {
        let own = rebased(service.without("extends"), from: base)
        guard let extends = service["extends"] else { return own }
        let file = extends["file"]?.string, other = extends["service"]?.string ?? extends.string ?? ""
        let place = "\(file ?? base.path) \(other)"
        guard !path.contains(place) else { throw UsageError(description: "the service \(other) extends itself") }
        var folder = base, outer = document
        if let file {
            let url = base.appending(path: file).standardizedFileURL
            outer = try Self.read(url, as: file, variables)
            folder = url.deletingLastPathComponent()
        }
        guard let parent = outer["services"]?[other] else {
            throw UsageError(description: "\(name) extends \(other), which \(file ?? "the file") does not have")
        }
        let inherited = try extended(parent, other, in: outer, from: folder, variables, path + [place])
        return ComposeMerge.merge(inherited, with: own)
    }

    /// A service with the variables of its files, which those of `environment` outrank.
    private mutating func withEnvironmentFiles(
        _ service: ComposeValue, of name: String, _ variables: [String: String]
    ) throws -> ComposeValue {
        guard let files = service["env_file"] else { return service }
        var environment = ComposeValue.empty
        for file in files.list ?? [files] {
            guard let path = (file["path"] ?? file).string else { continue }
            let url = URL(filePath: path, relativeTo: directory)
            guard let text = try? String(contentsOf: url, encoding: .utf8) else {
                if file["required"]?.bool != false {
                    omissions.append(
                        "\(name): env_file: there is no \(path) here: copy it from the machine, and import again")
                }
                continue
            }
            let read = EnvironmentFile(text, isRaw: file["format"]?.string == "raw")
            var known = variables
            for variable in read.variables {
                var text = ComposeText(variable.value ?? variables[variable.name] ?? "", isQuoted: true)
                if variable.isInterpolated { text = try Interpolation(variables: known).replace(in: text) }
                if variable.value == nil, variables[variable.name] == nil { continue }
                known[variable.name] = text.literal ?? variable.value
                environment = environment.setting(variable.name, to: .text(text))
            }
        }
        let merged = ComposeMerge.merge(
            .map([.init(key: "environment", value: environment)]), with: service.without("env_file"))
        return merged
    }

    // MARK: - Relative paths

    /// The path from the directory of the project; the same for one from the root, of a home or of a variable.
    private func rebase(_ path: String, from base: URL) -> String {
        let isRelative = !path.isEmpty && !"/~$".contains(path[path.startIndex]) && !path.contains("://")
        guard isRelative, base.standardizedFileURL.path != directory.standardizedFileURL.path else { return path }
        let full = base.appending(path: path).standardizedFileURL.path, prefix = directory.path + "/"
        return full.hasPrefix(prefix) ? "./" + full.dropFirst(prefix.count) : full
    }

    private func rebase(_ value: ComposeValue, key: String, from base: URL) -> ComposeValue {
        guard ["secrets", "configs"].contains(key), let file = value["file"]?.string else { return value }
        return value.setting("file", to: .text(ComposeText(rebase(file, from: base))))
    }

    private func rebased(_ service: ComposeValue, from base: URL) -> ComposeValue {
        var service = service
        func path(_ value: ComposeValue) -> ComposeValue {
            value.string.map { .text(ComposeText(rebase($0, from: base))) } ?? value
        }
        if let files = service["env_file"] {
            service = service.setting(
                "env_file",
                to: .list(
                    (files.list ?? [files]).map { $0.isMap ? $0.setting("path", to: $0["path"].map(path)) : path($0) }))
        }
        if let build = service["build"] {
            let context = build.isMap ? build.setting("context", to: build["context"].map(path)) : path(build)
            service = service.setting("build", to: context)
        }
        if let volumes = service["volumes"]?.list {
            service = service.setting(
                "volumes",
                to: .list(
                    volumes.map { volume in
                        if volume["type"]?.string == "bind" {
                            return volume.setting("source", to: volume["source"].map(path))
                        }
                        guard let text = volume.string, text.hasPrefix("."), let colon = text.firstIndex(of: ":") else {
                            return volume
                        }
                        return .text(ComposeText(rebase(String(text[..<colon]), from: base) + text[colon...]))
                    }))
        }
        return service
    }
}
