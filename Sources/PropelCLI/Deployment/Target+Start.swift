import Vocabulary
import SSHTransport
import HostsConf
import Propel

extension Target {
    /// Connects and starts the enforcer, which then waits for its request.
    /// - Parameter mode: the first argument of the enforcer.
    func start(
        _ mode: String, _ enforcers: Enforcers, prompter: any Prompter,
        report: @escaping @Sendable (HostRun.Progress) -> Void
    ) async throws -> (Connection, RemoteRun) {
        let connection = try await connect(prompter: prompter, report: report)
        return (connection, try await start(mode, enforcers, on: connection, report: report))
    }

    /// Logs in over a new connection.
    func connect(
        prompter: any Prompter, report: @escaping @Sendable (HostRun.Progress) -> Void
    ) async throws -> Connection {
        let destination = try await destination(report: report)
        return try await connect(to: destination, prompter: prompter, report: report)
    }

    /// The address and credentials of the machine. Makes or boots a sandbox if needed.
    func destination(report: @escaping @Sendable (HostRun.Progress) -> Void) async throws -> Destination {
        try await machine.destination { report(.doing($0)) }
    }

    /// Logs in over a new connection to a destination that is known already.
    func connect(
        to destination: Destination, prompter: any Prompter, report: @escaping @Sendable (HostRun.Progress) -> Void
    ) async throws -> Connection {
        report(.doing("connecting"))
        let connection = try await Connection.connect(
            to: destination, preparation: preparation, prompter: prompter)
        for warning in connection.warnings { report(.warning(warning)) }
        return connection
    }

    /// Becomes root and starts the enforcer, which then waits for its request.
    /// - Parameter mode: the first argument of the enforcer.
    func start(
        _ mode: String, _ enforcers: Enforcers, on connection: Connection,
        report: @escaping @Sendable (HostRun.Progress) -> Void
    ) async throws -> RemoteRun {
        let declared = machine.architecture
        let run = try await connection.start(
            enforcer: { architecture in
                if let declared, declared != architecture {
                    report(
                        .warning(
                            "hosts.conf has architecture = “\(declared.rawValue)”, but the machine is "
                                + "\(architecture.rawValue)"
                        ))
                }
                return try await enforcers.enforcer(for: architecture) { report(.doing($0)) }
            },
            expecting: declared ?? .native,
            arguments: [mode], become: become, earlier: { enforcers.used.file(of: $0) },
            progress: { report(.uploading($0)) })
        if let upload = run.upload { report(.sent(upload)) }
        return run
    }

    private var become: Become {
        machine.connection.become ?? .sudo
    }
}
