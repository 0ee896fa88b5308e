import Foundation

/// Paths that begin at the directory of the project, in whichever file they stand.
extension ComposeProject {
    /// The path from the directory of the project; the same for one from the root, of a home or of a variable.
    private func rebase(_ path: String, from base: URL) -> String {
        let isRepository = path.contains("://") || path.hasPrefix("git@")
        let isRelative = !path.isEmpty && !"/~$".contains(path[path.startIndex])
        guard isRelative, !isRepository, base.standardizedFileURL.path != directory.standardizedFileURL.path else {
            return path
        }
        let own = directory.standardizedFileURL.pathComponents
        let full = base.appending(path: path).standardizedFileURL.pathComponents
        let common = zip(own, full).prefix { $0 == $1 }.count
        // One outside of the project lies beside it on the machine too.
        let parts = Array(repeating: "..", count: own.count - common) + full.dropFirst(common)
        return (common == own.count ? ["."] + parts : parts).joined(separator: "/")
    }

    /// A path of which only the beginning is known; one that begins with a variable stays as it is.
    private func rebase(_ text: ComposeText, from base: URL) -> ComposeText {
        guard case .literal(let first)? = text.parts.first, !first.hasPrefix("git@") else { return text }
        if text.parts.count == 1 { return ComposeText(rebase(first, from: base)) }
        let (folder, name) = ComposeText.split(path: first), moved = rebase(folder, from: base)
        guard moved != folder else { return text }
        return ComposeText(
            parts: [.literal(moved + (moved.hasSuffix("/") ? "" : "/") + name)] + text.parts.dropFirst())
    }

    func rebase(_ value: ComposeValue, key: String, from base: URL) -> ComposeValue {
        guard ["secrets", "configs"].contains(key), let file = value["file"]?.text else { return value }
        return value.setting("file", to: .text(rebase(file, from: base)))
    }

    func rebased(_ service: ComposeValue, from base: URL) -> ComposeValue {
        let rebased = withPathsRebased(.map(service.entries.map { .init(key: $0.key, value: $0.value.untagged) }), base)
        // What replaces other values goes on doing so.
        return service.entries.reduce(rebased) { result, entry in
            guard case .tagged(let tag, _) = entry.value else { return result }
            return result.setting(entry.key, to: .tagged(tag, result[entry.key] ?? .null))
        }
    }

    private func withPathsRebased(_ service: ComposeValue, _ base: URL) -> ComposeValue {
        var service = service
        func path(_ value: ComposeValue) -> ComposeValue {
            value.text.map { .text(rebase($0, from: base)) } ?? value
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
                        guard let text = volume.text, case .literal(let first)? = text.parts.first,
                            first.hasPrefix(".")
                        else { return volume }
                        guard let colon = first.firstIndex(of: ":") else {
                            // A variable stands before the colon; a path alone is one in the container.
                            return text.words.contains(":") ? .text(rebase(text, from: base)) : volume
                        }
                        let moved = rebase(String(first[..<colon]), from: base) + first[colon...]
                        return .text(ComposeText(parts: [.literal(moved)] + text.parts.dropFirst()))
                    }))
        }
        return service
    }
}
