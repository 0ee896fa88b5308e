import SSHTransport
import HostsConf
import Sandbox

extension MachineEntry {
    /// How to reach the machine. A sandbox is made where there is none.
    /// - Parameter progress: told what is being done where it takes a while.
    func destination(_ progress: @escaping @Sendable (String) -> Void) async throws -> Destination {
        if let suite = sandbox {
            let sandbox = try await Sandbox.up(entry.name.sandboxName, suite: Sandbox.Suite(rawValue: suite.rawValue)) {
                progress($0)
            }
            return Destination(
                host: sandbox.address, user: sandbox.user, identityFiles: [sandbox.identityFile],
                hostKeys: [sandbox.hostKey],
                configurationFile: "none")
        }
        return Destination(
            host: reach.address ?? entry.name, port: reach.port, user: reach.user, identityFiles: reach.identities,
            hostKeys: reach.hostKeys, proxyJump: reach.proxyJump, connectTimeout: reach.connectTimeout)
    }
}
