import Foundation
import HostsConf
import Propel
import SSHTransport
import Sandbox

/// A machine of hosts.conf with its description, its secrets and its files of the repository.
struct Target: Sendable {
    let machine: MachineEntry
    // Qualified, since Foundation has a Host too.
    var host: Propel.Host
    var secrets = HostSecrets.none
    var files = HostFiles.none
    /// The preparation of the first connection to it; nil if there is none.
    var preparation: ConnectionPreparation?

    var name: String { machine.entry.name }

    /// - Parameter user: the effective UID of the process.
    /// - Throws: `SandboxError.needsRoot` for a sandbox, which only root can start and reach.
    func requireReachable(as user: uid_t = geteuid()) throws {
        guard machine.sandbox == nil || user == 0 else { throw SandboxError.needsRoot }
    }

    /// The problems of tags that its role does not read: a deployment of another one would change nothing.
    var unreadTags: [String] {
        let entry = machine.entry, stacks = entry.tags.keys.filter { !host.readsTagsOf.contains($0) }.sorted()
        let unread = (host.readsTag ? [] : [entry.tag].compactMap { $0 }).map { tag in
            """
            the tag “\(tag)” has no effect: no part of the role \(entry.role) reads it
            Use host.tag in the role, or leave the tag out.
            """
        }
        return unread
            + stacks.map { stack in
                """
                the tag “\(entry.tags[stack] ?? "")” of “\(stack)” has no effect: no part of the role \
                \(entry.role) reads it
                Use host.tag(of: "\(stack)") in the role, or leave the tag out.
                """
            }
    }
}
