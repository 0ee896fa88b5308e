import Foundation
import Git
import HostsConf

/// The deployments to a host that are noted in git.
struct DeploymentHistory {
    struct Entry {
        var commit: Commit
        var note: DeploymentNote
        /// The tag of the host in the hosts.conf of the commit.
        var tag: String?
        /// The tags of its stacks there.
        var stackTags: [String: String] = [:]
    }

    /// Newest first.
    let entries: [Entry]

    /// - Parameter limit: the number of the newest deployments to read.
    init(of host: String, in checkout: Checkout, limit: Int = .max) async throws {
        let repository = try await Repository(containing: checkout.root.path)
        let path = checkout.path(of: PackageLayout.hostsConf, in: repository)
        var tags: [String: (host: String?, stacks: [String: String])] = [:]
        var entries: [Entry] = []
        for deployment in try await repository.deployments(to: host).prefix(limit) {
            let id = deployment.commit.id
            if tags[id] == nil {
                let bytes = try await repository.file(path, of: deployment.commit) ?? []
                let text = String(decoding: bytes, as: UTF8.self)
                tags[id] = (host: HostsConf.tag(of: host, in: text), stacks: HostsConf.stackTags(of: host, in: text))
            }
            entries.append(
                Entry(
                    commit: deployment.commit, note: deployment.note, tag: tags[id]?.host,
                    stackTags: tags[id]?.stacks ?? [:]))
        }
        self.entries = entries
    }

    /// The last tag other than `present` with which the whole host converged.
    /// - Parameter stack: the stack whose tag it is; nil for that of the host.
    func tag(before present: String?, ofStack stack: String? = nil) -> String? {
        entries.lazy.filter { $0.note.result == Outcome.Result.converged.rawValue && $0.note.only == nil }
            .compactMap { entry in stack.map { entry.stackTags[$0] } ?? entry.tag }.first { $0 != present }
    }
}
