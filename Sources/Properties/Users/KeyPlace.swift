/// The place of a user's authorized keys, or of another file of keys, in a directory that the user can change.
struct KeyPlace {
    let account: Accounts.User
    /// The file that the authorized keys of root are a link to; nil if they are no link.
    ///
    /// On Proxmox that is a file of the cluster, `/etc/pve/priv/authorized_keys`.
    private let linked: FilePath?
    private let name: String

    private static let authorizedKeys = "authorized_keys"

    /// - Throws: ``Failure`` if root's authorized keys are links that lead to each other.
    init(_ account: Accounts.User, name: String = authorizedKeys, on machine: Machine) throws {
        self.account = account
        self.name = name
        let file = Self.file(name, in: account.home)
        let mayBeLink = account.id == 0 && name == Self.authorizedKeys
        let destination = mayBeLink ? try machine.followingLinksOfRoot(file) : file
        linked = destination == file ? nil : destination
    }

    /// The place of a user in which a file can be changed.
    /// - Throws: ``Failure`` if there is no such user, and the errors of ``refuseUnsafe(_:)``.
    static func safe(of user: String, name: String = authorizedKeys, on machine: Machine) async throws -> KeyPlace {
        guard let account = try await machine.user(user) else {
            throw Failure(
                "there is no user \(user)", advice: "Declare User(\"\(user)\") before, or let this require it.")
        }
        let place = try KeyPlace(account, name: name, on: machine)
        try await place.refuseUnsafe(machine)
        return place
    }

    var directory: FilePath { account.home.appending(".ssh") }
    var file: FilePath { linked ?? Self.file(name, in: account.home) }

    private static func file(_ name: String, in home: FilePath) -> FilePath {
        home.appending(".ssh").appending(name)
    }

    func isHomeThere(_ machine: Machine) throws -> Bool {
        try account.home.isAbsolute && machine.files.status(of: account.home) != nil
    }

    /// - Throws: ``Failure`` if a file or directory is a link or belongs to another user, or sshd would ignore it.
    func refuseUnsafe(_ machine: Machine) async throws {
        try refuseUnsafe(account.home, .directory, machine)
        try refuseUnsafe(directory, .directory, machine)
        try refuseUnsafe(file, .file, machine)
        if linked != nil, let open = try machine.files.directoryWritableByOthers(above: file) {
            throw Failure(
                "\(directory)/authorized_keys is a link to \(file), and others than root can write in \(open)",
                advice: "Make it a file, or let the directory belong to root.")
        }
        // The user's permissions suffice only for files of the user, and root must not change the owner of files that
        // may have been moved there from elsewhere.
        if let found = try machine.files.status(of: directory), found.owner.user != account.id {
            throw Failure(
                "\(directory) belongs to root",
                advice: "If it should belong to \(account.name): `chown -R \(account.name): \(directory)`.")
        }
        if let home = try machine.files.status(of: account.home), try await isOpen(home, machine) {
            throw Failure(
                "others than \(account.name) can write in \(account.home) (mode \(octal(home.mode))), so sshd "
                    + "ignores the keys",
                advice: "`chmod go-w \(account.home)`, or declare the directory.")
        }
    }

    /// Whether others than the user can write in the home. As for Debian's sshd, a group that has no other member than
    /// the user is no other (`user-group-modes.patch` of openssh).
    private func isOpen(_ home: FileStatus, _ machine: Machine) async throws -> Bool {
        guard home.mode & 0o002 == 0 else { return true }
        guard home.mode & 0o020 != 0 else { return false }
        let accounts = try await machine.fact(Accounts.self)
        guard let group = accounts.groups.first(where: { $0.id == home.owner.group }) else { return true }
        let primary = accounts.users.filter { $0.group == group.id }
        return primary.contains { $0.id != account.id } || group.members.contains { $0 != account.name }
            || primary.isEmpty && group.members.isEmpty
    }

    private func refuseUnsafe(_ path: FilePath, _ kind: FileStatus.Kind, _ machine: Machine) throws {
        guard let found = try machine.files.status(of: path) else { return }
        guard found.kind == kind else {
            throw Failure(
                "\(path) is a \(found.kind == .link ? "symbolic link" : found.kind.words) not a "
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
        let place = name == Self.authorizedKeys ? linked.map { [$0.string] } ?? [] : ["", name]
        let arguments = [account.home.string, "\(content.count)"] + place
        let shell = ["/bin/sh", "-c", Self.replacement, "sh"] + arguments
        try await machine.succeed(Invocation("setpriv", rights + ["--"] + shell, input: content))
    }

    /// A shell script that gets the home, the number of bytes on standard input, the file that root's keys are a link
    /// to or nothing, and the name of the file. Fewer bytes mean that the sender has died.
    static let replacement = """
        set -euC; umask 077; cd -- "$1"
        if [ -L .ssh ]; then echo "$1/.ssh is a symbolic link" >&2; exit 1; fi
        [ -d .ssh ] || mkdir .ssh
        chmod 0700 .ssh; cd -P .ssh; name=${4:-authorized_keys}
        if [ "${3-}" ]; then cd -P -- "${3%/*}/"; name=${3##*/}; fi
        new=.$name.propel; rm -f "$new"; trap 'rm -f "$new"' EXIT
        cat > "$new"
        if [ "$(wc -c < "$new")" -ne "$2" ]; then echo "the keys arrived incomplete" >&2; exit 1; fi
        sync "$new"; mv -fT -- "$new" "$name"; sync .
        """
}
