/// The place of a user's authorized keys, in a directory that the user can change.
struct KeyPlace {
    let account: Accounts.User

    init(_ account: Accounts.User) { self.account = account }

    var directory: FilePath { account.home.appending(".ssh") }
    var file: FilePath { directory.appending("authorized_keys") }

    func isHomeThere(_ machine: Machine) throws -> Bool {
        try account.home.isAbsolute && machine.files.status(of: account.home) != nil
    }

    /// - Throws: ``Failure`` if a file or directory is a link or belongs to another user, or sshd would ignore it.
    func refuseUnsafe(_ machine: Machine) throws {
        try refuseUnsafe(account.home, .directory, machine)
        try refuseUnsafe(directory, .directory, machine)
        try refuseUnsafe(file, .file, machine)
        // The user's permissions suffice only for files of the user, and root must not change the owner of files that
        // may have been moved there from elsewhere.
        if let found = try machine.files.status(of: directory), found.owner.user != account.id {
            throw Failure(
                "\(directory) belongs to root",
                advice: "If it should belong to \(account.name): `chown -R \(account.name): \(directory)`.")
        }
        if let home = try machine.files.status(of: account.home), home.mode & 0o022 != 0 {
            throw Failure(
                "others than \(account.name) can write in \(account.home) (mode \(octal(home.mode))), so sshd "
                    + "ignores the keys",
                advice: "`chmod go-w \(account.home)`, or declare the directory.")
        }
    }

    private func refuseUnsafe(_ path: FilePath, _ kind: FileStatus.Kind, _ machine: Machine) throws {
        guard let found = try machine.files.status(of: path) else { return }
        guard found.kind == kind else {
            throw Failure(
                "\(path) is a \(found.kind == .link ? "symbolic link" : found.kind.rawValue) not a "
                    + "\(kind.rawValue): keys are not written there",
                advice: "See who created it, and move it away.")
        }
        guard found.owner.user == account.id || found.owner.user == 0 else {
            throw Failure(
                "\(path) belongs to the UID \(found.owner.user), not to \(account.name)",
                advice: "See why; then `chown \(account.name): \(path)`.")
        }
    }

    /// Replaces the whole file, with the permissions of the user.
    func write(_ content: [UInt8], _ machine: Machine) async throws {
        let rights = ["--reuid=\(account.id)", "--regid=\(account.group)", "--clear-groups", "--no-new-privs"]
        let shell = ["/bin/sh", "-c", Self.replacement, "sh", account.home.string, "\(content.count)"]
        try await machine.succeed(Invocation("setpriv", rights + ["--"] + shell, input: content))
    }

    /// A shell script that gets the home and the number of bytes on standard input: fewer mean that the sender has
    /// died.
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
