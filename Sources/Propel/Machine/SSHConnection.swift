import Libc

/// The connection of ssh through which a run was started, as sshd describes it in `SSH_CONNECTION` (ssh(1)).
public struct SSHConnection: Sendable, Hashable {
    /// The address of the client, as the machine sees it.
    public var client: String
    /// The address of the machine, as the machine sees it.
    public var server: String
    /// The port of the machine.
    public var port: UInt16
    /// The name of the user who has logged in; nil if it is not known.
    public var user: String?

    public init(client: String, server: String, port: UInt16, user: String? = nil) {
        self.client = client
        self.server = server
        self.port = port
        self.user = user
    }

    /// Parses `CLIENT PORT SERVER PORT`; nil if the text is something else.
    public init?(_ text: String) {
        let fields = text.split(separator: " ")
        guard fields.count == 4, let port = UInt16(fields[3]) else { return nil }
        // A link-local address has the interface behind it: fe80::1%eth0.
        self.init(client: String(fields[0].prefix { $0 != "%" }), server: String(fields[2]), port: port)
    }

    /// The connection of this process.
    ///
    /// sudo does not pass the variable on, so it is looked up in the environments of the processes above this one,
    /// which root can read (proc_pid_environ(5)).
    static var current: SSHConnection? {
        var process = getpid()
        for _ in 0..<16 where process > 1 {
            if let found = connection(of: process) { return found }
            guard let parent = LocalFileSystem().parent(of: process) else { return nil }
            process = parent
        }
        return nil
    }

    private static func connection(of process: pid_t) -> SSHConnection? {
        (try? LocalFileSystem().read("/proc/\(process)/environ")).flatMap { SSHConnection(environment: $0) }
    }

    /// The connection that an environment is that of; nil if it is of none.
    /// - Parameter environment: variables, each with a NUL at its end.
    init?(environment: [UInt8]) {
        func value(_ name: String) -> String? {
            environment.split(separator: 0).lazy.map { String(decoding: $0, as: UTF8.self) }
                .first { $0.hasPrefix(name + "=") }.map { String($0.dropFirst(name.count + 1)) }
        }
        guard let connection = value("SSH_CONNECTION").flatMap({ SSHConnection($0) }) else { return nil }
        self = connection
        user = value("USER") ?? value("LOGNAME")
    }
}
