extension Borg {
    /// Repositories of other hosts on this one, each of which reaches its own alone (`borg serve`).
    ///
    ///     Borg.Server(clients: [
    ///         "web1": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAevSeHhU6D3j0OP71ws3xq1wRSDRdhO/JlAFde8Mim0 root@web1"
    ///     ])
    ///
    /// The user `borg` owns the directory. The key of a client runs `borg serve` and nothing else: no shell, no
    /// forwarding, no directory but that of the client (`restrict`, `--restrict-to-path`). A client that is no longer
    /// declared is let in no longer; its repositories stay.
    ///
    /// On the client: `Borg(…, to: Borg.Server.address(on: nas, of: "web1", "stacks"))`, with the key of its root
    /// (``SSHKey``) and the keys of this host (``KnownHosts``). A worked example is in docs/fleets.md.
    public struct Server: CompositeProperty {
        public typealias Target = DebianLike

        let clients: BackupClients
        /// Whether clients cannot remove what they have written.
        let isAppendOnly: Bool

        /// - Parameters:
        ///   - directory: where the repositories are, in a directory for each client; `/srv/borg` by default. The
        ///     directory above it must exist, or be declared before.
        ///   - keys: the public key of the root of each client, by its name: letters, digits, `.`, `_` and `-`, at most
        ///     64.
        ///   - isAppendOnly: whether a client can only add: what an intruder there removes can be brought back here.
        ///     No by default. Then `keep` of the client frees no space: here, prune and compact from time to time.
        public init(in directory: FilePath = "/srv/borg", clients keys: [String: String], isAppendOnly: Bool = false) {
            clients = BackupClients(program: .borg, directory: directory, keys: keys)
            self.isAppendOnly = isAppendOnly
        }

        /// The place of a repository, as a client names it.
        /// - Parameters:
        ///   - host: the host with the server, from hosts.conf: its address and the port of its ssh count.
        ///   - client: the name of the client there.
        ///   - repository: the name of the repository, of which a client can have several.
        public static func address(on host: FleetHost, of client: String, _ repository: String) -> Content {
            Content("ssh://\(user)@\(host.endpoint(host.port))/./\(client)/\(repository)")
        }

        private static let user = "borg"

        public var name: String { "borg server" }

        public var body: [Declaration] {
            let directory = clients.directory
            // The directory may be there before the user: the top of a disk, or its place.
            let account = User(Self.user, shell: "/bin/sh", home: directory, isSystem: true)
            BackupClients.Checked(clients: clients)
            Apt.Installed("borgbackup")
            account
            Directory(directory, mode: 0o700, owner: Self.user).requires(account)
            for client in clients.names {
                Directory(directory.appending(client), mode: 0o700, owner: Self.user).requires(account)
            }
            AuthorizedKeys(of: Self.user, lines, exclusive: true).requires(account)
        }

        /// The lines of authorized keys.
        var lines: [String] {
            clients.names.map { client in
                let path = clients.directory.appending(client)
                let command = "/usr/bin/borg serve --restrict-to-path \(path)" + (isAppendOnly ? " --append-only" : "")
                return clients.line(of: client, options: "restrict,command=\"\(command)\"")
            }
        }
    }
}
