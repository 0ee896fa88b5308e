/// Where a user's authorized keys are, in a directory that the user can change.
struct KeyPlace {
    let account: Accounts.User

    init(_ account: Accounts.User) { self.account = account }

    var directory: FilePath { account.home.appending(".ssh") }
    var file: FilePath { directory.appending("authorized_keys") }

    func isHomeThere(_ machine: Machine) throws -> Bool {
        try account.home.isAbsolute && machine.files.status(of: account.home) != nil
    }

    /// - Throws: ``Failure`` where something is not the user's or root's own, or a link, or sshd would ignore it.
    func refuseUnsafe(_ machine: Machine) throws {
        try refuseUnsafe(account.home, .directory, machine)
        try refuseUnsafe(directory, .directory, machine)
        try refuseUnsafe(file, .file, machine)
        // Only what is the user's can be changed with the user's rights, and root must not give away what it finds there: it
        // may have been moved there from elsewhere.
        if let found = try machine.files.status(of: directory), found.owner.user != account.id {
            throw Failure(
                "\(directory) belongs to root",
                advice: "If it is meant to be \(account.name)'s: `chown -R \(account.name): \(directory)`.")
        }
        if let home = try machine.files.status(of: account.home), home.mode & 0o022 != 0 {
            throw Failure(
                "\(account.home) has the mode \(octal(home.mode)): others than \(account.name) can write in it, so sshd ignores the keys",
                advice: "`chmod go-w \(account.home)`, or declare the directory.")
        }
    }

    private func refuseUnsafe(_ path: FilePath, _ kind: FileStatus.Kind, _ machine: Machine) throws {
        guard let found = try machine.files.status(of: path) else { return }
        guard found.kind == kind else {
            throw Failure(
                "\(path) is a \(found.kind == .link ? "symbolic link" : found.kind.rawValue) and no \(kind.rawValue): keys are not written through it",
                advice: "Look at who made it, and move it away.")
        }
        guard found.owner.user == account.id || found.owner.user == 0 else {
            throw Failure(
                "\(path) belongs to the user \(found.owner.user), and not to \(account.name)",
                advice: "Look at why; then `chown \(account.name): \(path)`.")
        }
    }

    /// Replaces the whole file, with the rights of the user.
    func write(_ content: [UInt8], _ machine: Machine) async throws {
        let rights = ["--reuid=\(account.id)", "--regid=\(account.group)", "--clear-groups", "--no-new-privs"]
        let shell = ["/bin/sh", "-c", Self.replacement, "sh", account.home.string, "\(content.count)"]
        try await machine.succeed(Invocation("setpriv", rights + ["--"] + shell, input: content))
    }

    /// Given the home, and how many bytes come on standard input: their end may also be the end of the one who sends them.
    static let replacement = """
        set -euC; umask 077; cd -- "$1"
        if [ -L .ssh ]; then echo "$1/.ssh is a symbolic link" >&2; exit 1; fi
        [ -d .ssh ] || mkdir .ssh
        chmod 0700 .ssh; cd -P .ssh
        new=.authorized_keys.propel; rm -f "$new"; trap 'rm -f "$new"' EXIT
        cat > "$new"
        if [ "$(wc -c < "$new")" -ne "$2" ]; then echo "the keys arrived incomplete" >&2; exit 1; fi
        sync "$new"; mv -fT "$new" authorized_keys; sync .
        """
}
