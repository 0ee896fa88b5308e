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
    }

    /// Newest first.
    let entries: [Entry]

    /// - Parameter limit: the number of the newest deployments to read.
    init(of host: String, in checkout: Checkout, limit: Int = .max) async throws {
        let repository = try await Repository(containing: checkout.root.path)
        let path = checkout.path(of: "hosts.conf", in: repository)
        var tags: [String: String?] = [:]
        var entries: [Entry] = []
        for deployment in try await repository.deployments(to: host).prefix(limit) {
            let id = deployment.commit.id
            if tags[id] == nil {
                let text = try await repository.file(path, of: deployment.commit).map {
                    String(decoding: $0, as: UTF8.self)
                }
                tags[id] = .some(text.flatMap { HostsConf.tag(of: host, in: $0) })
            }
            entries.append(Entry(commit: deployment.commit, note: deployment.note, tag: tags[id] ?? nil))
        }
        self.entries = entries
    }

    /// The last tag other than `present` with which the whole host converged.
    func tag(before present: String?) -> String? {
        entries.first {
            $0.note.result == Outcome.Result.converged.rawValue && $0.note.only == nil && $0.tag != nil
                && $0.tag != present
        }?.tag
    }
}
