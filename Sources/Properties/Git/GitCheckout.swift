/// A checkout of a git repository.
///
///     GitCheckout("https://github.com/example/app.git", to: "/srv/app", at: .tag("v1.4"), owner: "app")
///     GitCheckout("git@github.com:example/site.git", to: "/srv/site", at: .branch("main"), owner: "www",
///         deployKey: Secret("site-key"), hostKeys: ["github.com ssh-ed25519 AAAAC3…"])
///
/// git has to be installed. A tag and a commit are looked at on the machine alone; for a branch each check asks the
/// remote. git runs as the owner, and everything in the checkout belongs to them. Local changes are refused unless
/// `localChanges` says otherwise: somebody made them for a reason. Files that git ignores or does not know stay.
///
/// ``Directory/Absent`` removes a checkout.
public struct GitCheckout: Property {
    public typealias Target = UnixLike

    /// The version that is checked out.
    public enum Reference: Sendable, Hashable {
        /// The newest commit of a branch: it follows the remote.
        case branch(String)
        case tag(String)
        /// A full object name: 40 or 64 digits.
        case commit(String)
    }

    /// The treatment of changes in files of the repository that somebody made on the machine.
    public enum LocalChanges: String, Sendable, Hashable {
        /// They are an error as soon as another version is due.
        case refused
        /// They stay if the other version does not touch the same files; else they are an error.
        case kept
        /// They are lost, in each run.
        case discarded
    }

    public let url: String
    public let path: FilePath
    public let reference: Reference
    public let owner: String
    public let depth: Int?
    public let hasSubmodules: Bool
    public let deployKey: Secret?
    public let hostKeys: [String]
    public let localChanges: LocalChanges

    /// - Parameters:
    ///   - url: the address of the repository.
    ///   - path: absolute: the directory. The directory above it must exist, or be declared before.
    ///   - reference: the version.
    ///   - owner: the name of the user who owns the files and runs git; root by default.
    ///   - depth: how many commits are fetched; all by default.
    ///   - submodules: whether submodules are checked out too; no by default.
    ///   - deployKey: a private key for ssh; none by default. On the machine root alone can read it, and the owner
    ///     while git runs. With it ssh reads no configuration of a user: write the port into the address.
    ///   - hostKeys: lines of known_hosts(5) for ssh. They are needed with a deploy key: any other key is refused.
    ///   - localChanges: what becomes of changes that somebody made on the machine; they are refused by default.
    public init(
        _ url: String, to path: FilePath, at reference: Reference, owner: String = "root", depth: Int? = nil,
        submodules: Bool = false, deployKey: Secret? = nil, hostKeys: [String] = [],
        localChanges: LocalChanges = .refused
    ) {
        self.url = url
        self.path = path
        self.reference = reference
        self.owner = owner
        self.depth = depth
        hasSubmodules = submodules
        self.deployKey = deployKey
        self.hostKeys = hostKeys
        self.localChanges = localChanges
    }

    public var name: String { "checkout \(path)" }
    public var secrets: [Secret] { deployKey.map { [$0] } ?? [] }
    public var problems: [String] { problems(in: validate) }
    public var claims: [Claim] { [.path(path, is: "\(url) \(reference)", summary: "a checkout of \(url), \(words)")] }

    private var words: String {
        switch reference {
        case .branch(let name): "branch \(name)"
        case .tag(let name): "tag \(name)"
        case .commit(let name): "commit \(name.prefix(12))"
        }
    }

    private var key: DeployKey? { deployKey.map { DeployKey(secret: $0, hostKeys: hostKeys, path: path) } }

    public func check(on machine: Machine) async throws -> Check {
        try validate()
        guard try !isAbsent(on: machine) else {
            try await machine.requireDirectory(of: path)
            return .unmet("clone \(url), \(words)", secrets: secrets)
        }
        guard let found = try machine.files.status(of: path), found.kind == .directory,
            try machine.files.status(of: path.appending(".git")) != nil
        else {
            throw Failure(
                "\(path) is there already, and is no checkout", advice: "Move it away, or declare another path.")
        }
        // A user who does not exist yet owns nothing.
        if try await machine.user(owner)?.id != found.owner.user {
            return .unmet("owner \(found.owner.user) → \(owner)", secrets: try neededSecrets(on: machine))
        }
        let repository = repository
        guard let origin = try await repository.origin(on: machine), let head = try await repository.head(on: machine)
        else { return .unmet("clone \(url), \(words)", secrets: secrets) }
        guard origin == url else {
            throw Failure(
                "\(path) is a checkout of \(origin.escaped) instead of \(url)",
                advice: "Move it away, or set its remote: git -C \(path) remote set-url origin URL.")
        }
        // Without the plaintext, if it was here before.
        guard try key?.isStored(on: machine) != false else {
            return .unmet("renew the deploy key", secrets: secrets)
        }
        guard let wanted = try await wanted(on: machine) else { return .unmet("\(head.prefix(12)) → \(words)") }
        guard head == wanted else { return .unmet("\(head.prefix(12)) → \(wanted.prefix(12))") }
        if localChanges == .discarded, let first = try await changes(on: machine).first {
            return .unmet("discard local changes, the first \(first.trimmed.escaped)")
        }
        return try await hasSubmodulesDue(on: machine) ? .unmet("update submodules") : .satisfied
    }

    public func apply(on machine: Machine) async throws {
        try validate()
        let account = try await machine.owner(user: owner, group: nil)
        try await key?.store(on: machine)
        if let found = try machine.files.status(of: path) {
            // git refuses what belongs to somebody else.
            if found.owner.user != account.user { try await machine.giveTree(path, to: account) }
        } else {
            try machine.files.createDirectory(path, mode: 0o755, owner: account)
        }
        if let key {
            try await key.lend(to: account, on: machine) { try await update($0, on: machine) }
        } else {
            try await update([], on: machine)
        }
        guard let head = try await repository.head(on: machine) else { return }
        try machine.files.replacePrivate(record, with: Array("\(reference)\n\(head)\n".utf8))
    }

    /// The record of the last checkout and its commit: a tag needs no program to be known.
    private var record: FilePath {
        Machine.state.appending("checkouts").appending(escaping: path.string)
    }

    /// Brings the checkout to the version. It finishes what a run that was cut has begun.
    private func update(_ options: [String], on machine: Machine) async throws {
        let repository = repository
        try await repository.run(["init", "--quiet"], on: machine)
        if try await repository.value(["remote", "get-url", "origin"], on: machine) == nil {
            try await repository.run(["remote", "add", "origin", url], on: machine)
        }
        let changes = try await changes(on: machine)
        guard changes.isEmpty || localChanges != .refused else {
            throw Failure(
                "\(path) has local changes", output: changes,
                advice: "Commit or discard them on the machine: git -C \(path) diff. Or declare what becomes of them.")
        }
        machine.showProgress("fetching \(url)")
        let limit = depth.map { ["--depth", "\($0)"] } ?? []
        try await repository.run(options + ["fetch", "--quiet", "--force"] + limit + ["origin", fetched], on: machine)
        let force = localChanges == .discarded ? ["--force"] : []
        try await repository.run(["checkout", "--quiet"] + force + ["--detach", "FETCH_HEAD"], on: machine)
        if hasSubmodules {
            try await repository.run(
                options + ["submodule", "update", "--init", "--recursive", "--quiet"] + force, on: machine)
        }
    }

    /// Whether nothing is there, or a directory that a run was cut in.
    private func isAbsent(on machine: Machine) throws -> Bool {
        guard let found = try machine.files.status(of: path) else { return true }
        return try found.kind == .directory && machine.files.list(path).isEmpty
    }

    private func neededSecrets(on machine: Machine) throws -> [Secret] {
        do { return try key?.isStored(on: machine) == false ? secrets : [] } catch is Undetermined { return secrets }
    }

    /// Files of the repository that somebody changed.
    private func changes(on machine: Machine) async throws -> [String] {
        try await repository.run(["status", "--porcelain", "--untracked-files=no", "--ignore-submodules"], on: machine)
            .text.nonEmptyLines.map(String.init)
    }

    private func hasSubmodulesDue(on machine: Machine) async throws -> Bool {
        guard hasSubmodules else { return false }
        // “-” is missing, “+” another commit.
        return try await repository.run(["submodule", "status", "--recursive"], on: machine).text.nonEmptyLines
            .contains { $0.hasPrefix("-") || $0.hasPrefix("+") }
    }

    /// The refspec that is fetched. A tag gets its name here too, so that a later check needs no remote.
    private var fetched: String {
        switch reference {
        case .branch(let name): "refs/heads/\(name)"
        case .tag(let name): "refs/tags/\(name):refs/tags/\(name)"
        case .commit(let name): name
        }
    }

    /// The commit that should be checked out; nil if that is not known here.
    private func wanted(on machine: Machine) async throws -> String? {
        switch reference {
        case .commit(let name): return name
        case .tag(let name):
            let lines =
                (try machine.files.readIfPresent(record)).map { String(decoding: $0, as: UTF8.self).lines } ?? []
            if lines.count > 1, lines[0] == "\(reference)" { return String(lines[1]) }
            return try await repository.value(
                ["rev-parse", "--verify", "--quiet", "refs/tags/\(name)^{commit}"], on: machine)
        case .branch(let name):
            // As root, who can read the key, and beside the checkout, whose configuration belongs to its owner.
            let words = (key?.options ?? []) + ["ls-remote", "--exit-code", url, "refs/heads/\(name)"]
            let command = Invocation("git", words, environment: GitRepository.environment, timeout: .minutes(5))
            let answer = try await machine.succeed(command).text
            return answer.split(whereSeparator: \.isWhitespace).first.map(String.init)
        }
    }

    private var repository: GitRepository { GitRepository(path: path, owner: owner) }

    private func validate() throws {
        try validateAbsolute(path)
        if owner != "root" { try AccountName.validate(owner, of: "user") }
        guard !url.isEmpty, !url.hasPrefix("-"), url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw Failure("invalid address of a repository “\(url.escaped)”", advice: "Write it as for git clone.")
        }
        let isName = { (name: String) in
            !name.isEmpty && !name.hasPrefix("-") && !name.contains("..")
                && name.utf8.allSatisfy { $0.isASCIILetterOrDigit || "-_./+@".utf8.contains($0) }
        }
        switch reference {
        case .branch(let name), .tag(let name):
            guard isName(name) else {
                throw Failure("invalid branch or tag “\(name.escaped)” of \(url)", advice: "Write its name alone.")
            }
        case .commit(let name):
            guard GitRepository.isObjectName(name) else {
                throw Failure("invalid commit “\(name.escaped)” of \(url)", advice: "Write the full object name.")
            }
        }
        guard deployKey == nil || !hostKeys.isEmpty else {
            throw Failure(
                "the checkout of \(url) has a deploy key, and no host key of the server",
                advice: "Give hostKeys, as `ssh-keyscan` prints them and the server's owner publishes them.")
        }
        for line in hostKeys where line.trimmed.isEmpty || line.utf8.contains(where: { $0 < 0x20 }) {
            throw Failure("invalid host key “\(line.escaped)” of \(url)", advice: "Give one line for each key.")
        }
        if let depth, depth < 1 { throw Failure("the checkout of \(url) has the depth \(depth)") }
    }
}
