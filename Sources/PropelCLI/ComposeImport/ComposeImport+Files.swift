import Foundation
import Propel

/// Files of the project that containers mount.
extension ComposeImport {
    /// An entry of `secrets` or `configs` of a service.
    mutating func file(_ value: ComposeValue, of section: String) {
        let name = (value["source"] ?? value).string ?? ""
        let declared = project.sections[section]?[name], key = "\(section): \(name)"
        let folder = section == "secrets" ? "/run/secrets/" : "/"
        let wanted = value["target"]?.string ?? name, target = wanted.hasPrefix("/") ? wanted : folder + wanted
        let mode = value["mode"]?.string.flatMap(ComposeNotation.mode) ?? 0o444
        let owner = value["uid"]?.string.flatMap { UInt32($0) }
        // Compose itself looks at neither where a file is mounted.
        if let group = value["gid"]?.string, group != value["uid"]?.string ?? "0", declared?["file"] == nil {
            omit("\(key): gid: \(group)", "the group is that of the owner")
        }
        let rest = ", mode: 0o\(String(mode, radix: 8))" + (owner.map { ", owner: \($0)" } ?? "") + ")"
        let place = "ConfigurationFile(\(SwiftText.quote(target)), "
        if let content = declared?["content"]?.text {
            return lines.append("\(place)\(self.content(apart(content, of: name)))\(rest)")
        }
        if section == "secrets", let declared, let secret = secret(name, declared) {
            return lines.append("\(place)\"\\(Secret(\(SwiftText.quote(secret))))\"\(rest)")
        }
        if let variable = declared?["environment"]?.string {
            let text = Interpolation(variables: project.variables).value(named: variable)
            return lines.append("\(place)\(content(text))\(rest)")
        }
        if let file = declared?["file"]?.string {
            let here = URL(filePath: file, relativeTo: project.directory).standardizedFileURL
            if FileManager.default.fileExists(atPath: here.path), Self.text(of: here) == nil {
                return bindMount(
                    onMachine(file), Mount(type: "bind", target: target, isReadOnly: true, words: "\(key): \(file)"))
            }
            return configurationFile(here, file, at: target)
        }
        omit(key, "it is not in the file: \(Self.adviceForSeveralFiles)")
    }

    /// The name of the secret that an entry of `secrets` is; nil if it says nothing.
    private mutating func secret(_ name: String, _ declared: ComposeValue) -> String? {
        if let variable = declared["environment"]?.string {
            return secrets.name(of: variable, value: project.variables[variable])
        }
        if let file = declared["file"]?.text { return secrets.name(ofFile: file.words, called: name) }
        // One that a store has outside of the file.
        guard declared["external"]?.bool == true || declared["external"]?.isMap == true else { return nil }
        return secrets.name(of: declared.dockerName(of: name)?.words ?? name, value: nil)
    }

    mutating func configurationFile(_ file: URL, _ path: String, at target: String) {
        guard let text = Self.text(of: file) else {
            return omit("volumes: \(path)", "there is no such file here: use a ConfigurationFile")
        }
        let isExecutable = FileManager.default.isExecutableFile(atPath: file.path)
        if text.contains("PRIVATE KEY-----") || Self.isSecret(file.lastPathComponent) {
            let name = secrets.name(ofFile: path, called: file.lastPathComponent)
            return lines.append(
                "ConfigurationFile(\(SwiftText.quote(target)), \"\\(Secret(\(SwiftText.quote(name))))\", mode: 0o444)")
        }
        let content = apart(text, of: file.lastPathComponent)
        // With a secret in it only root could read it.
        let mode = isExecutable ? ", mode: 0o755" : content.hasSecret ? ", mode: 0o644" : ""
        guard text.utf8.contains(UInt8(ascii: "\n")) else {
            return lines.append("ConfigurationFile(\(SwiftText.quote(target)), \(self.content(content))\(mode))")
        }
        lines.append("ConfigurationFile(")
        let body = SwiftText.lines(escaped(content, inLines: true))
        lines += ["    \(SwiftText.quote(target)),"] + body.dropLast().map(Self.indented)
        lines.append("    \(body.last ?? "")\(mode))")
    }

    /// Whether a file with a name is secret as a whole: passwords, and variables, which are often passwords.
    private static func isSecret(_ name: String) -> Bool {
        [".htpasswd", "htpasswd", ".pgpass", ".netrc"].contains(name) || name.hasSuffix(".env")
            || name.hasPrefix(".env.")
    }

    static func text(of file: URL) -> String? {
        guard let data = try? Data(contentsOf: file), data.count <= 64 << 10, !data.contains(0) else { return nil }
        return String(validating: data, as: UTF8.self)
    }

    /// The files of a small directory of texts; nil for any other.
    static func files(below directory: URL) -> [String]? {
        guard let names = try? FileManager.default.subpathsOfDirectory(atPath: directory.path) else { return nil }
        var files: [String] = []
        for name in names.sorted() {
            let url = directory.appending(path: name)
            var isDirectory: ObjCBool = false
            if FileManager.default.fileExists(atPath: url.path, isDirectory: &isDirectory), isDirectory.boolValue {
                continue
            }
            guard text(of: url) != nil else { return nil }
            files.append(name)
        }
        return (1...20).contains(files.count) ? files : nil
    }

    /// Files that a program writes.
    static func isState(_ name: String) -> Bool {
        ["acme.json", "letsencrypt.json"].contains(name)
            || [".db", ".sqlite", ".sqlite3", ".log", ".sock"].contains { name.hasSuffix($0) }
    }

    /// Whether a path that is not here names a file rather than a directory.
    static func looksLikeFile(_ path: String) -> Bool {
        let name = path.split(separator: "/").last.map(String.init) ?? "", parts = name.split(separator: ".")
        let extensions: Set<String> = [
            "conf", "cfg", "cnf", "ini", "yml", "yaml", "json", "toml", "xml", "sh", "sql", "py", "js", "lua", "crt",
            "pem", "key", "env", "txt", "html", "db", "sqlite", "log", "list", "rules", "properties", "tmpl", "config",
        ]
        return ["Caddyfile", "Dockerfile", "mosquitto.passwd", "htpasswd", ".htpasswd", ".env"].contains(name)
            || parts.count > 1 && name.first != "." && extensions.contains(parts.last.map(String.init) ?? "")
    }
}
