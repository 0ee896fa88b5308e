/// A file with what a command prints, such as the completions of a program or an export of its settings.
///
///     Printed("/usr/share/bash-completion/completions/helm", by: "helm completion bash", from: "/usr/local/bin/helm")
///     Printed("/etc/app/token", by: "app token create", mode: 0o600, Command.Options(user: "app"))
///
/// The command runs again when one of the files changes that it prints something from, when it is declared otherwise,
/// and when somebody has changed what it printed; a check runs nothing. A command that prints nothing has failed. It
/// runs as a ``Command`` does. What was there before is kept, so that a revert restores it.
public struct Printed: Revertible {
    public typealias Target = UnixLike

    public let path: FilePath
    public let line: String
    public let sources: [FilePath]
    public let mode: FileMode
    public let owner: String
    /// The name of the group; nil for the primary group of the owner.
    public let group: String?
    public let options: Command.Options

    /// - Parameters:
    ///   - path: absolute. Its directory must exist, or be declared before.
    ///   - line: the command, for bash. Its standard output is the file.
    ///   - sources: absolute: the files that it depends on, such as the program itself. They must exist, or be declared
    ///     before. None by default: then it runs once.
    ///   - mode: the permission bits; 0644 by default, and 0600 if there are secrets in the input of the command.
    ///   - owner: the name of a user, or a UID; root by default.
    ///   - group: the name of a group, or a GID; root by default, or the owner's primary group if another owner is
    ///     given.
    ///   - options: how the command runs; as root in `/` by default.
    public init(
        _ path: FilePath, by line: String, from sources: FilePath..., mode: FileMode? = nil, owner: String = "root",
        group: String? = nil, _ options: Command.Options = Command.Options()
    ) {
        self.path = path
        self.line = line
        self.sources = sources
        self.mode = mode ?? (options.input.secrets.isEmpty ? 0o644 : 0o600)
        self.owner = owner
        self.group = group ?? (owner == "root" ? "root" : nil)
        self.options = options
    }

    public var name: String { "file \(path), printed by “\(line.trimmed.escaped)”" }
    public var secrets: [Secret] { options.input.secrets }
    public var problems: [String] { problems(in: validate) }
    public var claims: [Claim] {
        let rights = "mode \(mode), owner \(owner):\(group ?? "")"
        return [.path(path, is: "\(declared), \(rights)", summary: "what “\(line.trimmed)” prints, \(rights)")]
    }

    /// Identifies what is run, without plaintexts.
    private var declared: String {
        "\(options.identity(of: line)) \(sources.map(\.string).joined(separator: ":"))"
    }

    private var record: FilePath {
        Machine.state.appending("printed").appending(escaping: path.string + ".json")
    }

    /// - Throws: ``Undetermined`` if a file that it depends on, the user or the directory does not exist yet.
    public func check(on machine: Machine) async throws -> Check {
        try validate()
        let marks = try marks(on: machine)
        guard let found = try machine.files.status(of: path) else {
            try await machine.requireDirectory(of: path)
            let words = described(mode: mode, owner: owner, group: group)
            return .unmet("create with \(words), printed by \(line.trimmed.escaped)", secrets: secrets)
        }
        try requireFile(found)
        var reasons: [String] = []
        let known = try machine.files.readIfPresent(record).flatMap { try? JSON(parsing: $0) }
        if known?["declared"]?.string != declared {
            reasons.append("print it by \(line.trimmed.escaped)")
        } else if known?["sources"]?.string != marks {
            reasons.append("print it again, since \(sources.map(\.string).joined(separator: ", ")) changed")
        } else if try known?["file"]?.string != found.mark && known?["sha256"]?.string != machine.files.hash(of: path) {
            reasons.append("print it again, since somebody has changed it")
        }
        let needsRun = !reasons.isEmpty
        reasons += try await machine.differences(of: found, mode: mode, owner: owner, group: group)
        return .unmet(unlessEmpty: reasons, secrets: needsRun ? secrets : [])
    }

    public func apply(on machine: Machine) async throws {
        try validate()
        let marks = try marks(on: machine), owner = try await machine.owner(user: owner, group: group)
        if let found = try machine.files.status(of: path) { try requireFile(found) }
        let printed = try await options.run(line, on: machine).output
        guard !printed.isEmpty else {
            throw Failure("“\(line.trimmed.escaped)” printed nothing", advice: "Run it on the machine by hand.")
        }
        try machine.originals.keep(path)
        try machine.files.replace(path, with: printed, mode: mode.bits, owner: owner)
        let file = try machine.files.status(of: path)?.mark ?? ""
        let json: JSON = [
            "declared": .string(declared), "sources": .string(marks), "file": .string(file),
            "sha256": .string(SHA256.hash(printed)),
        ]
        try machine.files.replacePrivate(record, with: Array(json.pretty.utf8))
    }

    public func checkReverted(on machine: Machine) async throws -> Check { try machine.checkRestored([path]) }

    public func revert(on machine: Machine) async throws {
        try machine.originals.restore(path)
        try machine.files.remove(record)
    }

    /// Identifies the present content of the files that it depends on.
    private func marks(on machine: Machine) throws -> String {
        try sources.map { source in
            guard let found = try machine.files.status(of: source) else {
                throw Undetermined(until: "something before it makes \(source)")
            }
            return found.mark
        }.joined(separator: ", ")
    }

    private func requireFile(_ found: FileStatus) throws {
        guard found.kind == .file else {
            throw Failure(
                "\(path) is a \(found.kind.rawValue), and a file is declared there",
                advice: "Remove it by hand, or declare another path.")
        }
    }

    private func validate() throws {
        try options.validate(line)
        for path in [path] + sources { try validateAbsolute(path) }
        try Properties.validate(mode, of: path)
        guard !sources.contains(path) else {
            throw Failure("\(path) is printed from itself", advice: "Name another file.")
        }
    }
}
