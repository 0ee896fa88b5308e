import Vocabulary
import SSHTransport
import HostsConf
import Sandbox

extension MachineEntry {
    /// The address and credentials of the machine. Makes or boots a sandbox if needed.
    /// - Parameter progress: called with what takes a while.
    func destination(_ progress: @escaping @Sendable (String) -> Void) async throws -> Destination {
        guard let suite = sandbox else { return declaredDestination }
        return Destination(of: try await Sandbox.up(entry.name.sandboxName, suite: suite) { progress($0) })
    }

    /// The address and credentials of the machine as they are now; nil for a sandbox that does not run.
    var presentDestination: Destination? {
        guard sandbox != nil else { return declaredDestination }
        return Sandbox.running(entry.name.sandboxName).map { Destination(of: $0) }
    }

    private var declaredDestination: Destination {
        Destination(
            host: connection.address ?? entry.name, port: connection.port, user: connection.user,
            identityFiles: connection.identities,
            hostKeys: connection.hostKeys, proxyJump: connection.proxyJump, connectTimeout: connection.connectTimeout)
    }
}

extension Destination {
    fileprivate init(of sandbox: Sandbox) {
        self.init(
            host: sandbox.address, user: sandbox.user, identityFiles: [sandbox.identityFile],
            hostKeys: [sandbox.hostKey], configurationFile: "none")
    }
}
