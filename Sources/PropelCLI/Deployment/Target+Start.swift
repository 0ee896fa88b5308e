import Vocabulary
import SSHTransport
import HostsConf
import Propel

extension Target {
    /// Connects and starts the enforcer, which then waits for its request.
    /// - Parameter mode: the first argument of the enforcer.
    func start(
        _ mode: String, _ enforcers: Enforcers, prompter: TerminalPrompter,
        report: @escaping @Sendable (HostRun.Progress) -> Void
    ) async throws -> (Connection, RemoteRun) {
        let destination = try await machine.destination { report(.doing($0)) }
        report(.doing("connecting"))
        let connection = try await Connection.connect(to: destination, prompter: prompter)
        for warning in connection.warnings { report(.warning(warning)) }
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
            arguments: [mode], become: become,
            progress: { report(.uploading($0)) })
        return (connection, run)
    }

    private var become: Become {
        machine.connection.become ?? .sudo
    }
}
