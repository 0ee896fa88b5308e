/// Settings of the ssh client for some hosts, in a file of `/etc/ssh/ssh_config.d` (ssh_config(5)).
///
///     SSHHost("github", "github.com", ["IdentityFile": "~/.ssh/id_github"], of: "deploy")
///     SSHHost("lan", "*.example.lan", ["User": "admin", "ProxyJump": "gate.example.com"])
///     SSHHost("algorithms", "*", ["KexAlgorithms": "sntrup761x25519-sha512@openssh.com,curve25519-sha256"])
///
/// ssh uses the first value that it reads: those in the home of a user come first, then these files in the order of
/// their names. ssh must accept the file before it is put in place. The keys of a host are ``KnownHosts``.
public struct SSHHost: FileBacked {
    public typealias Target = DebianLike

    public let id: String
    public let patterns: [String]
    public let settings: [String: String]
    public let user: String?

    /// - Parameters:
    ///   - id: the name of the file without `.conf`: letters, digits, `-` and `_`.
    ///   - host: the name as it is given to ssh, with `*` and `?` for any characters; several with spaces between them.
    ///   - settings: the values by the names of the settings.
    ///   - user: the name of the user of this machine whose connections they are for; all by default.
    public init(_ id: String, _ host: String, _ settings: [String: String], of user: String? = nil) {
        self.id = id
        patterns = host.split(separator: " ").map(String.init)
        self.settings = settings
        self.user = user
    }

    public var name: String { "ssh settings \(id)" }
    public var createsDirectory: Bool { true }

    public var file: File {
        let hosts = patterns.joined(separator: user == nil ? " " : ",")
        let head = user.map { "Match localuser \($0) originalhost \(hosts)" } ?? "Host \(hosts)"
        let lines = settings.sorted { $0.key < $1.key }.map { "    \($0.key) \($0.value)" }
        return File(
            FilePath("/etc/ssh/ssh_config.d/\(id).conf"), ([head] + lines).map { $0 + "\n" }.joined()
        ) {
            // It prints the settings for a host, and connects to nothing.
            Invocation("ssh", ["-F", $0.string, "-G", "localhost"])
        }
    }

    public func declaration(at place: SourcePlace) -> Declaration {
        declaration(at: place, requiring: [Apt.Installed("openssh-client")])
    }

    public func validate() throws {
        guard !id.isEmpty, id.utf8.allSatisfy({ $0.isASCIILetterOrDigit || "-_".utf8.contains($0) }) else {
            throw Failure("invalid name of ssh settings “\(id.escaped)”", advice: "Use letters, digits, “-” and “_”.")
        }
        guard !patterns.isEmpty,
            patterns.allSatisfy({ $0.utf8.allSatisfy { $0.isASCIILetterOrDigit || ".-_*?!:%".utf8.contains($0) } })
        else {
            throw Failure(
                "invalid host “\(patterns.joined(separator: " ").escaped)” of the ssh settings \(id)",
                advice: "Write a name, or a pattern such as *.example.lan.")
        }
        if let user { try AccountName.validate(user, of: "user") }
        guard !settings.isEmpty else { throw Failure("the ssh settings \(id) are empty", advice: "Give one.") }
        for (key, value) in settings.sorted(by: { $0.key < $1.key }) {
            let isBlock = ["host", "match", "include"].contains(key.lowercased())
            guard !key.isEmpty, key.utf8.allSatisfy(\.isASCIILetterOrDigit), !isBlock, !value.trimmed.isEmpty,
                !value.utf8.contains(where: { $0 < 0x20 })
            else {
                throw Failure(
                    "invalid ssh setting “\(key.escaped) \(value.escaped)” of \(id)",
                    advice: "Write a keyword of ssh_config(5) and its value in one line.")
            }
        }
    }
}
