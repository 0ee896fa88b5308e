import Propel

extension ComposeImport {
    /// The name, image and origin, in one line or several.
    mutating func head(of name: String, _ value: ComposeValue) -> [String] {
        let plain = Self.name(name)
        let built = "\(project.name)-\(Self.name(project.originals[name] ?? name))"
        var image = value["image"]?.text.flatMap { string($0) } ?? ""
        if image.isEmpty {
            image = SwiftText.quote(built)
            if value["build"] == nil { omit("image", "there is none: \(Self.adviceForSeveralFiles)") }
        }
        let head = "Container(\(SwiftText.quote(plain)), image: \(image)"
        guard let build = value["build"] ?? build(ofImage: value["image"]), let origin = origin(build) else {
            return [head + ")"]
        }
        let all = origin.joined(separator: ", "), line = "\(head), origin: .directory(\(all)))"
        guard line.utf8.count > 100 else { return [line] }
        let first = "    \(SwiftText.quote(plain)), image: \(image),"
        guard all.utf8.count > 80 else { return ["Container(", first, "    origin: .directory(\(all))", ")"] }
        return ["Container(", first] + SwiftText.call("origin: .directory", origin).map(Self.indented) + [")"]
    }

    /// The build of another service whose image a service has too; nil if its image is not built here.
    private func build(ofImage image: ComposeValue?) -> ComposeValue? {
        guard let image = image?.text else { return nil }
        return project.services.first { $0.value["image"]?.text?.parts == image.parts && $0.value["build"] != nil }?
            .value["build"]
    }

    /// The arguments of the directory that an image is built from.
    private mutating func origin(_ build: ComposeValue) -> [String]? {
        let known = ["context", "dockerfile", "target", "args", "dockerfile_inline"]
        // What only a build farm, or the speed of a build, needs.
        let meaningless = ["cache_from", "cache_to", "no_cache", "pull", "tags", "provenance", "sbom"]
        for entry in build.entries where !known.contains(entry.key) && !meaningless.contains(entry.key) {
            omit("build: \(entry.key)")
        }
        guard let directory = buildDirectory((build.isMap ? build["context"] : build)?.text ?? ComposeText(".")) else {
            return nil
        }
        var origin = [directory]
        if let text = build["dockerfile_inline"]?.text { origin += inlineDockerfile(text, in: directory) }
        for key in ["dockerfile", "target"] {
            if let text = build[key]?.text, let string = string(text) { origin.append("\(key): \(string)") }
        }
        var arguments: [String] = []
        for entry in build["args"]?.entries ?? [] {
            let text = entry.value.text ?? Interpolation(variables: project.variables).value(named: entry.key)
            if let value = string(text) {
                arguments.append("\(SwiftText.quote(entry.key)): \(value)")
            } else {
                omit("build: args: \(entry.key)", "it is a secret, which everybody could read in the image")
            }
        }
        if !arguments.isEmpty { origin.append("arguments: [\(arguments.joined(separator: ", "))]") }
        return origin
    }

    /// Declares the file that a Dockerfile within the compose file becomes.
    /// - Returns: the argument of the build that names it.
    private mutating func inlineDockerfile(_ text: ComposeText, in directory: String) -> [String] {
        guard directory.hasPrefix("\""), !text.hasSecret else {
            omit("build: dockerfile_inline", "write it into the directory of the build")
            return []
        }
        let name = "Dockerfile.\(Self.name(project.originals[service] ?? service))"
        let path = directory.dropLast() + "/" + name + "\""
        let body = SwiftText.lines(escaped(text, inLines: true))
        let lines = ["File(", "    \(path),"] + body.dropLast().map(Self.indented) + ["    \(body.last ?? ""))"]
        if !files.contains("    \(path),") { files += lines }
        return ["dockerfile: \(SwiftText.quote(name))"]
    }

    /// The directory of a build as Swift; nil if it is left out.
    private mutating func buildDirectory(_ text: ComposeText) -> String? {
        let context = text.words, isRepository = context.contains("://") || context.hasPrefix("git@")
        if text.literal == nil, !isRepository, let string = string(onMachine(text)) {
            return "FilePath(\(string))"
        }
        guard text.literal != nil, let path = isRepository ? checkout(context) : onMachine(context) else {
            omit("build: \(context)", "declare GitCheckout, and build from its directory")
            return nil
        }
        guard !context.hasPrefix("~") || home != nil else {
            omit("build: \(context)", "say whose home it is: --directory /home/NAME/…")
            return nil
        }
        return SwiftText.quote(path)
    }

    /// Declares the checkout of a repository: `https://example.com/app.git#v2:docker`.
    /// - Returns: the directory of the build in it; nil without a branch, a tag or a commit.
    private mutating func checkout(_ context: String) -> String? {
        let parts = context.split(separator: "#", maxSplits: 1).map(String.init)
        let fragment = parts.dropFirst().joined().split(separator: ":", maxSplits: 1).map(String.init)
        guard let url = parts.first, let reference = fragment.first, parts.last?.hasPrefix(":") == false,
            ![".tar", ".tar.gz", ".tgz", ".zip"].contains(where: { url.hasSuffix($0) })
        else { return nil }
        let directory = FilePath("/srv/\(project.name)-\(Self.name(project.originals[service] ?? service))")
        let digits = reference.drop { $0 == "v" }
        let isCommit = reference.utf8.count == 40 && reference.allSatisfy(\.isHexDigit)
        let kind = isCommit ? "commit" : digits.first?.isNumber == true ? "tag" : "branch"
        let place = SwiftText.quote(directory.string), version = SwiftText.quote(reference)
        let line = "GitCheckout(\(SwiftText.quote(url)), to: \(place), at: .\(kind)(\(version)))"
        if !checkouts.contains(line) { checkouts.append(line) }
        return fragment.count > 1
            ? directory.pushing(FilePath(fragment[1])).lexicallyNormalized().string : directory.string
    }
}
