extension Restic {
    /// Repositories of other hosts on this one, each of which sees its own alone (sftp in a chroot, sshd_config(5)).
    ///
    ///     Restic.Server(clients: [
    ///         "web1": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAevSeHhU6D3j0OP71ws3xq1wRSDRdhO/JlAFde8Mim0 root@web1"
    ///     ])
    ///
    /// Each client has a user, `restic-web1`, who may use sftp and nothing else, confined to `/srv/restic/restic-web1`;
    /// its repositories are in `data` there. A client that is no longer declared is let in no longer; its user and its
    /// repositories stay. A client can remove its own backups: where an intruder must not, take ``Borg/Server`` with
    /// `isAppendOnly`.
    ///
    /// On the client: `Restic(…, to: Restic.Server.address(on: nas, of: "web1", "stacks"))`, with the key of its root
    /// (``SSHKey``) and the keys of this host (``KnownHosts``).
    public struct Server: CompositeProperty {
        public typealias Target = DebianLike

        let clients: BackupClients

        /// - Parameters:
        ///   - directory: where the repositories are, in a directory for each client; `/srv/restic` by default. It and
        ///     all above it must belong to root, or sshd lets no client in.
        ///   - keys: the public key of the root of each client, by its name: letters, digits, `.`, `_` and `-`, at most
        ///     25.
        public init(in directory: FilePath = "/srv/restic", clients keys: [String: String]) {
            clients = BackupClients(program: .restic, directory: directory, keys: keys)
        }

        /// The place of a repository, as a client names it.
        /// - Parameters:
        ///   - host: the host with the server, from hosts.conf: its address and the port of its ssh count.
        ///   - client: the name of the client there.
        ///   - repository: the name of the repository, of which a client can have several.
        public static func address(on host: FleetHost, of client: String, _ repository: String) -> Content {
            Content("sftp://\(login(of: client))@\(host.endpoint(host.port))//data/\(repository)")
        }

        private static func login(of client: String) -> String { "restic-\(client)" }
        private static let keyDirectory: FilePath = "/etc/ssh/propel-restic"

        public var name: String { "restic server" }

        public var body: [Declaration] {
            let directory = clients.directory
            BackupClients.Checked(clients: clients)
            Directory(directory)
            Directory(Self.keyDirectory)
            for client in clients.names {
                let login = Self.login(of: client), home = directory.appending(login)
                let account = User(login, home: home, isSystem: true)
                account
                // A chroot belongs to root.
                Directory(home)
                Directory(home.appending("data"), mode: 0o700, owner: login).requires(account)
                AuthorizedKeys(
                    of: login, [clients.line(of: client, options: "restrict")], in: Self.keyDirectory.appending(login),
                    exclusive: true)
            }
            if clients.names.isEmpty {
                Sshd.Absent("restic")
            } else {
                Sshd(settings, id: "restic")
            }
        }

        /// Only the declared clients are matched: the key of another one is not looked at.
        var settings: [Sshd.Option] {
            let users = clients.names.map(Self.login(of:)).joined(separator: ",")
            return [
                .match(
                    "User \(users)", .authorizedKeysFile("\(Self.keyDirectory)/%u"),
                    .authenticationMethods("publickey"), .chrootDirectory("\(clients.directory)/%u"),
                    .forceCommand("internal-sftp"), .allowTcpForwarding(false), .allowAgentForwarding(false),
                    .x11Forwarding(false), .setting("PermitTunnel", "no"), .setting("PermitTTY", "no"))
            ]
        }
    }
}
