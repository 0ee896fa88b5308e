import Foundation

extension ClientConfiguration {
    /// The values of an option that is a list of paths.
    ///
    /// `ssh -G` writes a space between two paths, as in a path with a space, and quotes neither. A word is the
    /// rest of the path before it if that file exists, or if it does not look like a path itself.
    func paths(_ keyword: String) -> [String] {
        all(keyword).flatMap { value in
            value.split(separator: " ", omittingEmptySubsequences: false).reduce(into: [String]()) { paths, word in
                guard let last = paths.last else { return paths.append(String(word)) }
                let joined = "\(last) \(word)"
                let beginsPath = word == "none" || word.first.map { "/~%$".contains($0) } ?? false
                if isFile(joined) || !beginsPath && !isFile(String(word)) {
                    paths[paths.count - 1] = joined
                } else {
                    paths.append(String(word))
                }
            }
        }
    }

    private func isFile(_ path: String) -> Bool {
        (try? expandPath(path)).map { FileManager.default.fileExists(atPath: $0) } ?? false
    }

    /// A path with `~`, `~user`, environment variables and the tokens of ssh_config(5) expanded, each once: what a
    /// variable contains is not expanded again.
    func expandPath(_ path: String) throws -> String {
        guard path.hasPrefix("~") else { return try expandTokens(path, andVariables: true) }
        let user = path.dropFirst().prefix { $0 != "/" }
        guard let home = user.isEmpty ? NSHomeDirectory() : NSHomeDirectoryForUser(String(user)) else {
            throw TransportError.configuration(host: alias, reason: "no user \(user), whose home \"\(path)\" names")
        }
        return home + (try expandTokens(String(path.dropFirst(1 + user.count)), andVariables: true))
    }

    /// Expands `%h`, `%p` and so on (ssh_config(5), TOKENS).
    /// - Parameter andVariables: whether `${VARIABLE}` is expanded too (ENVIRONMENT VARIABLES).
    func expandTokens(_ text: String, andVariables: Bool = false) throws -> String {
        var result = ""
        var rest = text[...]
        while let character = rest.popFirst() {
            if character == "$", andVariables, rest.first == "{", let end = rest.firstIndex(of: "}") {
                result += try variable(String(rest[..<end].dropFirst()), in: text)
                rest = rest[rest.index(after: end)...]
            } else if character == "%" {
                result += try token(rest.popFirst(), in: text)
            } else {
                result.append(character)
            }
        }
        return result
    }

    private func variable(_ name: String, in text: String) throws -> String {
        guard let value = ProcessInfo.processInfo.environment[name] else {
            throw TransportError.configuration(
                host: alias, reason: "the environment variable \(name) in \"\(text)\" is not set")
        }
        return value
    }

    private func token(_ token: Character?, in text: String) throws -> String {
        switch token {
        case "%": return "%"
        case "C": if let hash = self["controlpath"], hash != "none" { return hash }
        case "d": return NSHomeDirectory()
        case "h": return hostName
        case "i": return String(getuid())
        case "j": return self["proxyjump"].map { $0 == "none" ? "" : $0 } ?? ""
        case "k": return self["hostkeyalias"] ?? alias
        case "L": return localName.split(separator: ".").first.map(String.init) ?? ""
        case "l": return localName
        case "n": return alias
        case "p": return String(port)
        case "r": return user
        case "u": return NSUserName()
        default: break
        }
        throw TransportError.configuration(
            host: alias, reason: "the token %\(token.map(String.init) ?? "") in \"\(text)\" is not supported")
    }

    /// gethostname(2). Foundation may ask DNS for a longer one.
    private var localName: String {
        var name = [CChar](repeating: 0, count: 256)
        gethostname(&name, name.count - 1)
        return String(terminatedByNUL: name)
    }
}
