/// The machines that keep repositories on this one, by their names, each with the public key of its root.
struct BackupClients: Sendable {
    /// The program, for messages.
    let program: RepositoryBackup.Program
    /// Where the repositories are.
    let directory: FilePath
    let keys: [String: String]

    /// The names, in the order of the declaration.
    var names: [String] { keys.keys.sorted() }

    /// The key of a client as a line of authorized keys, with these options and nothing else.
    func line(of name: String, options: String) -> String { "\(options) \(keys[name, default: ""])" }

    /// The most characters of a name. With restic it is a part of the name of a user, of whose 32 characters it leaves
    /// 25; with borg only that of a directory, often that of the host.
    private var nameLimit: Int { program == .restic ? 25 : 64 }

    /// The problems of the parameters; it has no state on the machine.
    struct Checked: Property {
        typealias Target = DebianLike
        let clients: BackupClients

        var name: String { "parameters" }
        var claims: [Claim] { [Claim("the repositories of \(clients.program) for other hosts", is: "declared")] }
        var problems: [String] { problems(in: clients.validate) }
        func check(on machine: Machine) async throws -> Check {
            try clients.validate()
            return .satisfied
        }
        func apply(on machine: Machine) async throws { try clients.validate() }
    }

    private func validate() throws {
        // It stands in a command that sshd gives to a shell, and in its settings.
        guard directory.isAbsolute, directory.isLexicallyNormal, directory.lastComponent != nil,
            directory.string.utf8.allSatisfy({ $0.isASCIILetterOrDigit || "/._-".utf8.contains($0) })
        else {
            throw Failure(
                "invalid directory “\(directory.string.escaped)” for the repositories of other hosts",
                advice: "Write it from the root on, of letters, digits, “.”, “_” and “-”: /srv/\(program).")
        }
        var seen: [[UInt8]: String] = [:]
        for name in names {
            guard name.utf8.first?.isASCIILetterOrDigit == true, name.utf8.count <= nameLimit,
                name.utf8.allSatisfy({ $0.isASCIILetterOrDigit || "._-".utf8.contains($0) })
            else {
                throw Failure(
                    "invalid name “\(name.escaped)” of a host with repositories here",
                    advice: "Use at most \(nameLimit) letters, digits, “.”, “_” and “-”: web1.")
            }
            let key = try AuthorizedKey(declared: keys[name, default: ""])
            guard key.options.isEmpty else {
                throw Failure(
                    "the key of \(name) has options before its type: “\(key.options.escaped)”",
                    advice: "Give the one line of the .pub file: the options are written here.")
            }
            // sshd takes the first line of a key: the second host would be the first one.
            if let other = seen.updateValue(name, forKey: key.blob) {
                throw Failure(
                    "\(other) and \(name) have the same key", advice: "Make a key on each: SSHKey(of: \"root\").")
            }
        }
    }
}
