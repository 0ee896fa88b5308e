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

    /// The files that were put over each other, as the user named them.
    let files: [String]
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
    var omissions: [String] = []

    static let sectionNames = ["volumes", "networks", "secrets", "configs"]

    /// - Parameters:
    ///   - paths: the paths of the compose files. Each is put over those before it, as `docker compose -f FILE -f FILE`
    ///     does; the directory of the first is that of the project.
    ///   - environment: the path of the file with variables; by default `.env` beside the first file, if it exists.
    ///   - name: the name of the project; that of the files or of the directory by default.
    /// - Throws: ``UsageError`` if a file is missing or compose would not accept it.
    init(files paths: [String], environment: String?, name: String?) throws {
        let urls = paths.map { URL(filePath: $0).standardizedFileURL }, first = urls[0]
        directory = first.deletingLastPathComponent()
        self.name = ""
        variables = try Self.variables(environment, beside: directory)
        let further = urls.count > 1 ? Array(urls.dropFirst()) : Self.others(besides: first, variables)
        files = ([first] + further).map(\.lastPathComponent)
        var document = try Self.read(first, as: paths[0], variables)
        for url in further { document = try Self.put(url, as: url.lastPathComponent, over: document, variables) }
        self.name =
            Self.projectName(name ?? document["name"]?.string ?? variables["COMPOSE_PROJECT_NAME"])
            ?? Self.projectName(directory.lastPathComponent) ?? "stack"
        try add(document, from: directory, variables, including: [first])
        let all = services
        for index in services.indices {
            let (service, omitted) = withMounts(ofOthersIn: services[index], among: all)
            services[index] = service
            omissions += omitted
        }
        unscaled = services.filter(\.isUnscaled).map(\.name)
        services.removeAll(where: \.isUnscaled)
        for service in services { scale(service) }
        guard !services.isEmpty else { throw UsageError(description: "\(paths[0]) has no services") }
    }

    /// Puts further services beside one that has several containers: a stack has one of each. A fixed port or a name
    /// forbids that, and so does a network without names.
    private mutating func scale(_ service: Service) {
        guard let number = service.scale, (2...10).contains(number),
            ["container_name", "network_mode"].allSatisfy({ service.value[$0] == nil }),
            (service.value["ports"]?.list ?? []).allSatisfy(ComposeImport.isOnFreePort)
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

    // MARK: - Files that it refers to

    private mutating func add(
        _ document: ComposeValue, from base: URL, _ variables: [String: String], including files: [URL]
    ) throws {
        for entry in document["include"]?.list ?? [] { try include(entry, from: base, variables, including: files) }
        for name in Self.sectionNames {
            for entry in document[name]?.untagged.entries ?? [] {
                let value = rebase(entry.value.settled, key: name, from: base)
                sections[name] = (sections[name] ?? .empty).setting(entry.key, to: value)
            }
        }
        for entry in document["services"]?.untagged.entries ?? [] {
            if case .tagged(.reset, _) = entry.value { continue }
            var value = try extended(entry.value.untagged, entry.key, in: document, from: base, variables, [])
            value = try withEnvironmentFiles(Self.modern(value.settled), of: entry.key, variables)
            guard let index = services.firstIndex(where: { $0.name == entry.key }) else {
                services.append(Service(name: entry.key, value: ComposeMerge.normalized(value)))
                continue
            }
            // That of an included file.
            services[index].value = ComposeMerge.merge(services[index].value, with: value)
        }
        let known = Self.sectionNames + ["include", "services", "name", "version"]
        for entry in document.entries where !known.contains(entry.key) && !entry.key.hasPrefix("x-") {
            omissions.append(entry.key)
        }
    }

    /// Adds the services of an included file, over which others may be put.
    private mutating func include(
        _ entry: ComposeValue, from base: URL, _ variables: [String: String], including files: [URL]
    ) throws {
        let paths = (entry["path"] ?? entry).strings
        guard let path = paths.first else { return }
        let url = base.appending(path: path).standardizedFileURL
        guard !files.contains(url) else { throw UsageError(description: "\(path) includes itself") }
        let folder =
            entry["project_directory"]?.string.map { base.appending(path: $0) } ?? url.deletingLastPathComponent()
        // Its variables are defaults: those of the project outrank them.
        var inner = variables
        let environments = entry["env_file"]?.strings ?? []
        for file in environments {
            let values = try EnvironmentFile(try Self.text(base.appending(path: file), as: file)).values()
            inner.merge(values) { outer, _ in outer }
        }
        if environments.isEmpty { inner.merge(try Self.variables(nil, beside: folder)) { outer, _ in outer } }
        var document = try Self.read(url, as: path, inner)
        for other in paths.dropFirst() {
            document = try Self.put(base.appending(path: other).standardizedFileURL, as: other, over: document, inner)
        }
        try add(document, from: folder, inner, including: files + [url])
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
            guard let path = (file["path"] ?? file).string else {
                if let words = (file["path"] ?? file).text?.words, file["required"]?.bool != false {
                    omissions.append("\(name): env_file: \(words): give the value of its variable in --env")
                }
                continue
            }
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
        return ComposeMerge.merge(
            .map([.init(key: "environment", value: environment)]), with: service.without("env_file"))
    }
}
