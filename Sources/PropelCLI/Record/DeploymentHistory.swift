import Foundation
import Git
import HostsConf

/// What git knows of the deployments to a host.
struct DeploymentHistory {
    struct Entry {
        var commit: Commit
        var note: DeploymentNote
        /// What hosts.conf said then.
        var tag: String?
    }

    /// The newest first.
    let entries: [Entry]

    /// - Parameter limit: how many of the newest.
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

    /// The tag that the whole host was last as described with, apart from `present`.
    func tag(before present: String?) -> String? {
        entries.first {
            $0.note.result == Outcome.Result.converged.rawValue && $0.note.only == nil && $0.tag != nil
                && $0.tag != present
        }?.tag
    }
}
