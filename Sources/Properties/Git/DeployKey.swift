/// The key with which a private repository is reached, and the keys of its server.
///
/// Both are kept under `/var/lib/propel`, readable by root alone, so that a check can ask the server without a
/// plaintext. The owner of the checkout gets a copy of the key while git runs.
struct DeployKey {
    let secret: Secret
    let hostKeys: [String]
    let path: FilePath

    private var directory: FilePath {
        Machine.state.appending("deploy-keys").appending(escaping: path.string)
    }
    private var key: FilePath { directory.appending("key") }
    private var hosts: FilePath { directory.appending("known_hosts") }

    /// ssh reads no key without a newline at its end.
    private var content: Content { "\(secret)\n" }
    private var hostLines: [UInt8] { Array(hostKeys.map { $0 + "\n" }.joined().utf8) }

    /// Whether both are there as they are declared.
    /// - Throws: ``Undetermined`` if that takes the plaintext.
    func isStored(on machine: Machine) throws -> Bool {
        guard try machine.files.readIfPresent(hosts) == hostLines,
            var present = try machine.files.readIfPresent(key)
        else { return false }
        defer { present.wipe() }
        return try content.matches(present, in: key.string, on: machine)
    }

    func store(on machine: Machine) async throws {
        do { if try isStored(on: machine) { return } } catch is Undetermined {}
        try machine.files.createDirectories(directory, mode: 0o700)
        try machine.files.replace(hosts, with: hostLines, mode: 0o600)
        let content = content
        try await content.withBytes(on: machine) { try machine.files.replace(key, with: $0, mode: 0o600) }
        // From here on the check knows it without the plaintext.
        _ = try isStored(on: machine)
    }

    /// The options of git for root.
    var options: [String] { Self.options(key: key, hosts: hosts) }

    /// Lends the key to a user, and passes the options of git on.
    func lend<Result>(
        to owner: Owner, on machine: Machine, _ body: ([String]) async throws -> Result
    ) async throws -> Result {
        guard owner.user != 0 else { return try await body(options) }
        // Of root, so that nobody can plant anything in it; in memory.
        let lent: FilePath = "/run/propel-git"
        try machine.files.removeTree(lent)
        try machine.files.createDirectory(lent, mode: 0o711, owner: .root)
        let result: Result
        do {
            let key = lent.appending("key"), hosts = lent.appending("known_hosts")
            try machine.files.replace(key, withCopyOf: self.key, mode: 0o600, owner: owner)
            try machine.files.replace(hosts, withCopyOf: self.hosts, mode: 0o644)
            result = try await body(Self.options(key: key, hosts: hosts))
        } catch {
            throw await error.after { try machine.files.removeTree(lent) }
        }
        try machine.files.removeTree(lent)
        return result
    }

    private static func options(key: FilePath, hosts: FilePath) -> [String] {
        let command =
            "ssh -F /dev/null -i \(key) -o IdentitiesOnly=yes -o UserKnownHostsFile=\(hosts) "
            + "-o GlobalKnownHostsFile=/dev/null -o StrictHostKeyChecking=yes -o BatchMode=yes"
        return ["-c", "core.sshCommand=\(command)"]
    }
}
