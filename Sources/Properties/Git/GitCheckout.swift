/// A checkout of a git repository.
///
///     GitCheckout("https://github.com/example/app.git", to: "/srv/app", at: .tag("v1.4"), owner: "app")
///     GitCheckout("git@github.com:example/site.git", to: "/srv/site", at: .branch("main"), owner: "www",
///         deployKey: Secret("site-key"), hostKeys: ["github.com ssh-ed25519 AAAAC3…"])
///
/// git has to be installed. A tag and a commit are looked at on the machine alone; for a branch each check asks the
/// remote. Local changes are refused: somebody made them for a reason. Files that git ignores or does not know stay.
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

    public let url: String
    public let path: FilePath
    public let reference: Reference
    public let owner: String
    public let depth: Int?
    public let hasSubmodules: Bool
    public let deployKey: Secret?
    public let hostKeys: [String]

    /// - Parameters:
    ///   - url: the address of the repository.
    ///   - path: absolute: the directory. The directory above it must exist, or be declared before.
    ///   - reference: the version.
    ///   - owner: the name of the user who owns the files and runs git; root by default.
    ///   - depth: how many commits are fetched; all by default.
    ///   - submodules: whether submodules are checked out too; no by default.
    ///   - deployKey: a private key for ssh; none by default. It is on the machine only while git runs.
    ///   - hostKeys: lines of known_hosts(5) for ssh. They are needed with a deploy key: any other key is refused.
    public init(
        _ url: String, to path: FilePath, at reference: Reference, owner: String = "root", depth: Int? = nil,
        submodules: Bool = false, deployKey: Secret? = nil, hostKeys: [String] = []
    ) {
        self.url = url
        self.path = path
        self.reference = reference
        self.owner = owner
        self.depth = depth
        hasSubmodules = submodules
        self.deployKey = deployKey
        self.hostKeys = hostKeys
    }

    public var name: String { "checkout \(path)" }
    public var secrets: [Secret] { deployKey.map { [$0] } ?? [] }
    public var problems: [String] { problem(in: validate).map { [$0] } ?? [] }
    public var claims: [Claim] { [.path(path, is: "\(url) \(reference)", summary: "a checkout of \(url), \(words)")] }

    private var words: String {
        switch reference {
        case .branch(let name): "branch \(name)"
        case .tag(let name): "tag \(name)"
        case .commit(let name): "commit \(name.prefix(12))"
        }
    }

    public func check(on machine: Machine) async throws -> Check {
        try validate()
        guard try machine.files.status(of: path) != nil else {
            try await machine.requireDirectory(of: path)
            return .unmet("clone \(url), \(words)", secrets: secrets)
        }
        guard try machine.files.status(of: path.appending(".git")) != nil else {
            throw Failure(
                "\(path) is there already, and is no checkout", advice: "Move it away, or declare another path.")
        }
        let origin = try await git(["remote", "get-url", "origin"], on: machine).text.trimmed
        guard origin == url else {
            throw Failure(
                "\(path) is a checkout of \(origin.escaped) instead of \(url)",
                advice: "Move it away, or set its remote: git -C \(path) remote set-url origin URL.")
        }
        let head = try await git(["rev-parse", "HEAD"], on: machine).text.trimmed
        if let wanted = try await wanted(on: machine) {
            return head == wanted ? .satisfied : .unmet("\(head.prefix(12)) → \(wanted.prefix(12))", secrets: secrets)
        }
        return .unmet("\(head.prefix(12)) → \(words)", secrets: secrets)
    }

    public func apply(on machine: Machine) async throws {
        let account = try await machine.owner(user: owner, group: nil)
        try await withKey(on: machine, account) { options in
            if try machine.files.status(of: path) == nil {
                try machine.files.createDirectory(path, mode: 0o755, owner: account)
                try await git(["init", "--quiet"], on: machine)
                try await git(["remote", "add", "origin", url], on: machine)
            }
            let changes = try await git(["status", "--porcelain", "--untracked-files=no"], on: machine).text
            guard changes.isEmpty else {
                throw Failure(
                    "\(path) has local changes", output: changes.nonEmptyLines.map(String.init),
                    advice: "Commit or discard them on the machine: git -C \(path) diff.")
            }
            machine.showProgress("fetching \(url)")
            let limit = depth.map { ["--depth", "\($0)"] } ?? []
            try await git(options + ["fetch", "--quiet", "--force"] + limit + ["origin", fetched], on: machine)
            try await git(["checkout", "--quiet", "--detach", "FETCH_HEAD"], on: machine)
            if hasSubmodules {
                try await git(options + ["submodule", "update", "--init", "--recursive", "--quiet"], on: machine)
            }
        }
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
            let result = try await run(["rev-parse", "--verify", "--quiet", "refs/tags/\(name)^{commit}"], on: machine)
            return result.succeeded ? result.text.trimmed : nil
        case .branch(let name):
            // A private repository is asked when the key is there.
            guard deployKey == nil else { return nil }
            let answer = try await git(["ls-remote", "--exit-code", url, "refs/heads/\(name)"], on: machine).text
            return answer.split(whereSeparator: \.isWhitespace).first.map(String.init)
        }
    }

    /// Makes the key a file for the time of `body`.
    private func withKey(
        on machine: Machine, _ owner: Owner, _ body: ([String]) async throws -> Void
    ) async throws {
        guard let deployKey else { return try await body([]) }
        // Of root, so that nobody can plant anything in it; in memory. The key itself is the owner's, who runs ssh.
        let directory: FilePath = "/run/propel-git", key = directory.appending("key")
        let hosts = directory.appending("known_hosts")
        try machine.files.removeTree(directory)
        try machine.files.createDirectory(directory, mode: 0o711, owner: .root)
        do {
            try await Content(deployKey).withBytes(on: machine) {
                try machine.files.replace(key, with: $0, mode: 0o600, owner: owner)
            }
            try machine.files.replace(hosts, with: Array(hostKeys.map { $0 + "\n" }.joined().utf8), mode: 0o644)
            let command =
                "ssh -i \(key) -o IdentitiesOnly=yes -o UserKnownHostsFile=\(hosts) -o StrictHostKeyChecking=yes"
                + " -o BatchMode=yes"
            try await body(["-c", "core.sshCommand=\(command)"])
        } catch {
            throw await error.after { try machine.files.removeTree(directory) }
        }
        try machine.files.removeTree(directory)
    }

    @discardableResult
    private func git(_ arguments: [String], on machine: Machine) async throws -> CommandResult {
        let result = try await run(arguments, on: machine)
        guard result.succeeded else { throw CommandFailure(command: invocation(arguments), result: result) }
        return result
    }

    private func run(_ arguments: [String], on machine: Machine) async throws -> CommandResult {
        try await machine.run(invocation(arguments))
    }

    /// As the owner: git refuses a directory of somebody else, and files that it makes belong to who runs it.
    private func invocation(_ arguments: [String]) -> Invocation {
        let words = ["git", "-C", path.string] + arguments
        let environment = ["GIT_TERMINAL_PROMPT": "0", "HOME": "/nonexistent"]
        return owner == "root"
            ? Invocation(words[0], Array(words.dropFirst()), environment: environment, timeout: .minutes(30))
            : Invocation("runuser", ["--user", owner, "--"] + words, environment: environment, timeout: .minutes(30))
    }

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
            guard [40, 64].contains(name.utf8.count), name.utf8.allSatisfy({ "0123456789abcdef".utf8.contains($0) })
            else {
                throw Failure("invalid commit “\(name.escaped)” of \(url)", advice: "Write the full object name.")
            }
        }
        guard deployKey == nil || !hostKeys.isEmpty else {
            throw Failure(
                "the checkout of \(url) has a deploy key, and no host key of the server",
                advice: "Give hostKeys, as `ssh-keyscan` prints them and the server's owner publishes them.")
        }
        if let depth, depth < 1 { throw Failure("the checkout of \(url) has the depth \(depth)") }
    }
}
