/// Puts one service over another, as `extends` does (<https://docs.docker.com/reference/compose-file/merge/>).
enum ComposeMerge {
    /// Keys that are a list of `NAME=value` or a map.
    static let mappings = ["environment", "labels", "sysctls", "extra_hosts", "annotations"]
    /// Keys that replace what is below them.
    private static let replaced = ["command", "entrypoint", "test"]
    /// Keys that are one string or a list of them.
    private static let lists = ["env_file", "dns", "dns_search", "tmpfs"]

    static func merge(_ base: ComposeValue, with over: ComposeValue) -> ComposeValue {
        var result = normalized(base)
        for entry in normalized(over).entries {
            let present = result[entry.key]?.settled
            switch entry.value {
            case .tagged(.reset, _): result = result.setting(entry.key, to: nil)
            case .tagged(.override, let value): result = result.setting(entry.key, to: value)
            default:
                let value = present.map { merged($0, entry.value, entry.key) } ?? entry.value
                result = result.setting(entry.key, to: value)
            }
        }
        return result
    }

    private static func merged(_ base: ComposeValue, _ over: ComposeValue, _ key: String) -> ComposeValue {
        if replaced.contains(key) { return over }
        func list(_ value: ComposeValue) -> ComposeValue {
            lists.contains(key) && value.text != nil ? .list([value]) : value
        }
        switch (list(base), list(over)) {
        case (.map, .map): return merge(base, with: over)
        case (.list(let below), .list(let above)):
            // One thing at one place of the container.
            guard ["volumes", "devices", "secrets", "configs"].contains(key) else {
                return .list(below + above.filter { !below.contains($0) })
            }
            let targets = above.map(target)
            return .list(below.filter { !targets.contains(target($0)) } + above)
        // Nothing is put over it.
        case (.map, .null), (.list, .null): return base
        default: return over
        }
    }

    /// The path in the container of a mount: `./data:/data:ro`.
    private static func target(_ mount: ComposeValue) -> String {
        if let target = mount["target"]?.string ?? mount["source"]?.string { return target }
        let parts = (mount.text?.words ?? "").split(separator: ":").map(String.init)
        return parts.count > 1 ? parts[1] : parts.first ?? ""
    }

    /// The service with its lists of `NAME=value` as maps, and `depends_on` and `networks` too.
    static func normalized(_ service: ComposeValue) -> ComposeValue {
        guard service.isMap else { return service }
        var service = service
        for key in mappings + ["depends_on", "networks"] {
            guard let list = service[key]?.list else { continue }
            let separator: Character =
                key == "extra_hosts" && !list.contains { $0.text?.words.contains("=") == true }
                ? ":" : "="
            let entries = list.compactMap(\.text).map { text in
                mappings.contains(key) ? entry(text, separator) : ComposeValue.Entry(key: text.words, value: .null)
            }
            service = service.setting(key, to: key == "extra_hosts" ? .map(entries) : lastOfEach(entries))
        }
        if let arguments = service["build"]?["args"]?.list {
            let map = lastOfEach(arguments.compactMap(\.text).map { entry($0, "=") })
            service = service.setting("build", to: service["build"]?.setting("args", to: map))
        }
        return service
    }

    /// A map in which the last of several values for one name counts.
    private static func lastOfEach(_ entries: [ComposeValue.Entry]) -> ComposeValue {
        entries.reduce(.empty) { $0.setting($1.key, to: $1.value) }
    }

    /// `NAME=value`, of which the name is a literal.
    private static func entry(_ text: ComposeText, _ separator: Character) -> ComposeValue.Entry {
        guard case .literal(let first)? = text.parts.first, let index = first.firstIndex(of: separator) else {
            return .init(key: text.words, value: .null)
        }
        let rest = String(first[first.index(after: index)...])
        var value = ComposeText(parts: (rest.isEmpty ? [] : [.literal(rest)]) + text.parts.dropFirst())
        if value.parts.isEmpty { value.parts = [.literal("")] }
        value.isQuoted = true
        return .init(key: String(first[..<index]), value: .text(value))
    }
}
