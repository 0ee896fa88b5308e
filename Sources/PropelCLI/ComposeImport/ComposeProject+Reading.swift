import Foundation

/// The files of a project, and what is in them.
extension ComposeProject {
    /// The files that compose puts over one with a usual name without being told to: those that `COMPOSE_FILE` lists
    /// after it, or the one with `override` in its name
    /// (<https://docs.docker.com/compose/how-tos/multiple-compose-files/merge/>).
    static func others(besides url: URL, _ variables: [String: String]) -> [URL] {
        let usual = ["compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml"]
        guard usual.contains(url.lastPathComponent) else { return [] }
        let directory = url.deletingLastPathComponent()
        if let list = variables["COMPOSE_FILE"], !list.isEmpty {
            let separator = variables["COMPOSE_PATH_SEPARATOR"] ?? ":"
            let all = list.split(separator: separator).map {
                URL(filePath: String($0), relativeTo: directory).standardizedFileURL
            }
            return all.first?.path == url.path ? Array(all.dropFirst()) : []
        }
        let base = url.deletingPathExtension().lastPathComponent
        return ["yml", "yaml"].map { directory.appending(path: "\(base).override.\($0)") }.first {
            FileManager.default.fileExists(atPath: $0.path)
        }.map { [$0] } ?? []
    }

    static func variables(_ file: String?, beside directory: URL) throws -> [String: String] {
        // What the shell has besides is left out: the result would depend on who runs this, and where.
        if let file { return try EnvironmentFile(try text(URL(filePath: file), as: file)).values() }
        let url = directory.appending(path: ".env")
        guard FileManager.default.fileExists(atPath: url.path) else { return [:] }
        return try EnvironmentFile(try text(url, as: url.path)).values()
    }

    static func text(_ url: URL, as name: String) throws -> String {
        do { return try String(contentsOf: url, encoding: .utf8) } catch let error as CocoaError {
            throw UsageError(description: "cannot read \(name): \(error.words)")
        }
    }

    /// Puts a file over a document.
    static func put(
        _ url: URL, as name: String, over document: ComposeValue, _ variables: [String: String]
    ) throws -> ComposeValue { ComposeMerge.merge(document, with: try read(url, as: name, variables)) }

    static func read(_ url: URL, as name: String, _ variables: [String: String]) throws -> ComposeValue {
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
    static func projectName(_ name: String?) -> String? {
        guard let name else { return nil }
        let plain = name.lowercased().filter { $0.isASCII && ($0.isLetter || $0.isNumber || "-_".contains($0)) }
        let trimmed = plain.drop { "-_".contains($0) }
        return trimmed.isEmpty ? nil : String(trimmed)
    }
}
