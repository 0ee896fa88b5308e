/// A key pair of a user, made on the machine: the private key never leaves it (ssh-keygen(1)).
///
///     SSHKey(of: "backup")
///     SSHKey(of: "deploy", name: "id_github", comment: "deploy@web1")
///
/// It is `~/.ssh/NAME`, of the type ed25519 and without a passphrase, and made with the rights of the user. A report of
/// the run that has made it ends with the public key, to be authorized where the user should log in. A key that is
/// there stays, whatever its type. ``SSHKey/Absent`` removes one.
public struct SSHKey: Property {
    public typealias Target = DebianLike

    public let user: String
    public let file: String
    public let comment: String

    /// - Parameters:
    ///   - user: the login of the user, who must exist or be declared before.
    ///   - file: the name of the file in `~/.ssh`; `id_ed25519` by default.
    ///   - comment: the comment of the public key; the login by default.
    public init(of user: String, name file: String = "id_ed25519", comment: String? = nil) {
        self.user = user
        self.file = file
        self.comment = comment ?? user
    }

    public var name: String { "ssh key \(file) of \(user)" }
    public var claims: [Claim] { [Claim("the ssh key \(file) of \(user)", is: "present")] }
    public var problems: [String] { problems(in: validate) }

    public func declaration(at place: SourcePlace) -> Declaration {
        declaration(at: place, requiring: [Apt.Installed("openssh-client")])
    }

    /// - Throws: ``Undetermined`` if the user or the home does not exist yet.
    public func check(on machine: Machine) async throws -> Check {
        try validate()
        let account = try await machine.awaitedUser(user)
        guard try machine.files.status(of: account.home) != nil else {
            throw Undetermined(until: "there is the home \(account.home)")
        }
        let key = account.home.appending(".ssh").appending(file)
        guard try machine.files.status(of: key) != nil else { return .unmet("make \(key)") }
        guard try machine.files.status(of: FilePath(key.string + ".pub")) != nil else {
            return .unmet("make \(key).pub of the private key")
        }
        return .satisfied
    }

    public func apply(on machine: Machine) async throws {
        try validate()
        guard let account = try await machine.user(user) else {
            throw Failure("there is no user \(user)", advice: "Declare User(\"\(user)\") before.")
        }
        let arguments = ["-euc", Self.script, "sh", account.home.string, file, comment]
        let result = try await machine.succeed(Invocation("/bin/sh", arguments).asUser(account))
        let key = result.text.trimmed
        if AuthorizedKey(found: key) != nil {
            machine.noteFollowUp("authorize the new key of \(user) where it should log in: \(key.escaped)")
        }
    }

    /// A shell script that gets the home, the name of the file and the comment, and prints the public key. The private
    /// key gets its name when it is whole.
    static let script = """
        umask 077; cd -- "$1"; mkdir -p .ssh; cd .ssh
        if ! [ -e "$2" ]; then
            rm -f ".$2.propel" ".$2.propel.pub"
            ssh-keygen -q -t ed25519 -N '' -C "$3" -f ".$2.propel"
            sync ".$2.propel"; mv -T -- ".$2.propel" "$2"; rm -f ".$2.propel.pub"
        fi
        umask 022; ssh-keygen -y -f "$2" > ".$2.pub.propel"
        sync ".$2.pub.propel"; mv -T -- ".$2.pub.propel" "$2.pub"; cat -- "$2.pub"
        """

    /// - Throws: ``Failure`` if there is no such user, or no key can have the name.
    static func validate(_ file: String, of user: String) throws {
        try AccountName.validate(user, of: "user")
        guard let first = file.utf8.first, first.isASCIILetterOrDigit,
            file.utf8.allSatisfy({ $0.isASCIILetterOrDigit || "-_.".utf8.contains($0) }), !file.hasSuffix(".pub")
        else {
            throw Failure("invalid name of an ssh key “\(file.escaped)”", advice: "Write one such as id_ed25519.")
        }
    }

    private func validate() throws {
        try Self.validate(file, of: user)
        guard !comment.hasPrefix("-"), !comment.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else {
            throw Failure("invalid comment “\(comment.escaped)” of an ssh key", advice: "Write one line.")
        }
    }
}
