import Propel
import Properties

extension ComposeImport {
    /// Whether Propel accepts a volume in a directory: not in one that belongs to the system, for example.
    static func isPlaceForData(_ path: String) -> Bool {
        let host = Host("import", runs: Debian.self) {
            Stack("import", directory: "/srv/propel/import") {
                Container("import", image: "import") { Volume("import", at: "/import", in: FilePath(path)) }
            }
        }
        return host.problems.isEmpty
    }

    /// `~/data` in the home in which the project lies; if that is not known, hosts.conf says whose home it is.
    func atHome(_ source: ComposeText) -> ComposeText {
        guard home == nil, case .literal(let first)? = source.parts.first, first == "~" || first.hasPrefix("~/") else {
            return source
        }
        let rest = String(first.dropFirst())
        return ComposeText(
            parts: [.key("HOME")] + (rest.isEmpty ? [] : [.literal(rest)]) + source.parts.dropFirst())
    }

    /// A path of the project, or of a home, on the machine. What begins with a slash or a variable stays as it is.
    func onMachine(_ text: ComposeText) -> ComposeText {
        let text = atHome(text)
        guard case .literal(let first)? = text.parts.first, !first.hasPrefix("/"),
            !first.hasPrefix("~") || first.hasPrefix("~/")
        else { return text }
        // What follows the last slash is the beginning of a name.
        let (folder, name) = ComposeText.split(path: first)
        let place = onMachine(folder)
        return ComposeText(
            parts: [.literal((place == "/" ? place : place + "/") + name)] + text.parts.dropFirst())
    }
}

extension ComposeText {
    /// The directory and the beginning of a name in a path that goes on after it: `./data-` is `./` and `data-`.
    static func split(path: String) -> (folder: String, name: String) {
        guard let slash = path.lastIndex(of: "/") else { return (".", path) }
        let end = path.index(after: slash)
        return (String(path[..<end]), String(path[end...]))
    }

    /// The text with the name of each variable in place of its value, as one example of what it may be.
    var sample: String {
        parts.map { part in
            switch part {
            case .literal(let text): text
            case .secret(let variable, _), .key(let variable): variable.lowercased()
            }
        }.joined()
    }
}
