import Foundation

/// Paths that begin at the directory of the project, in whichever file they stand.
extension ComposeProject {
    /// The path from the directory of the project; the same for one from the root, of a home or of a variable.
    private func rebase(_ path: String, from base: URL) -> String {
        let isRelative = !path.isEmpty && !"/~$".contains(path[path.startIndex]) && !path.contains("://")
        guard isRelative, base.standardizedFileURL.path != directory.standardizedFileURL.path else { return path }
        let full = base.appending(path: path).standardizedFileURL.path, prefix = directory.path + "/"
        return full.hasPrefix(prefix) ? "./" + full.dropFirst(prefix.count) : full
    }

    func rebase(_ value: ComposeValue, key: String, from base: URL) -> ComposeValue {
        guard ["secrets", "configs"].contains(key), let file = value["file"]?.string else { return value }
        return value.setting("file", to: .text(ComposeText(rebase(file, from: base))))
    }

    func rebased(_ service: ComposeValue, from base: URL) -> ComposeValue {
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
