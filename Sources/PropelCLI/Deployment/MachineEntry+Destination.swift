import Vocabulary
import SSHTransport
import HostsConf
import Sandbox

extension MachineEntry {
    /// The address and credentials of the machine. Makes or boots a sandbox if needed.
    /// - Parameter progress: called with what takes a while.
    func destination(_ progress: @escaping @Sendable (String) -> Void) async throws -> Destination {
        if let suite = sandbox {
            let sandbox = try await Sandbox.up(entry.name.sandboxName, suite: suite) {
                progress($0)
            }
            return Destination(
                host: sandbox.address, user: sandbox.user, identityFiles: [sandbox.identityFile],
                hostKeys: [sandbox.hostKey],
                configurationFile: "none")
        }
        return Destination(
            host: connection.address ?? entry.name, port: connection.port, user: connection.user,
            identityFiles: connection.identities,
            hostKeys: connection.hostKeys, proxyJump: connection.proxyJump, connectTimeout: connection.connectTimeout)
    }
}
