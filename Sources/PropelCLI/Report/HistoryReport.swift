import Foundation
import Git
import Propel

/// The answer of `propel history`: the deployments to a host that git knows, the newest first.
struct HistoryReport: Report {
    var host: String
    var isSandbox: Bool
    var entries: [DeploymentHistory.Entry]

    var text: TextOutput {
        guard !entries.isEmpty else {
            let reason =
                isSandbox
                ? "\(host) is a sandbox: its deployments are not recorded in git"
                : "git has no record of a deployment to \(host)"
            return TextOutput(notes: [StyledLine(reason.oneLine)])
        }
        let rows = entries.map { entry in
            let only = entry.note.only.map { " (only \($0.joined(separator: ", ")))" } ?? ""
            return [
                entry.note.time.formatted(.iso8601), entry.tags, entry.note.result + only, "\(entry.commit)",
                String(entry.note.enforcer.prefix(12)),
            ]
        }
        return TextOutput(lines: Table([["TIME", "TAG", "RESULT", "COMMIT", "ENFORCER"]] + rows).lines)
    }

    var json: [JSON] {
        entries.map { entry in
            .line(
                "deployment",
                [
                    "host": .string(host), "time": .string(entry.note.time.formatted(.iso8601)),
                    "tag": entry.tag.map(JSON.string) ?? .null,
                    "tags": .object(entry.stackTags.mapValues(JSON.string)), "result": .string(entry.note.result),
                    "commit": .string(entry.commit.id), "enforcer": .string(entry.note.enforcer),
                    "only": .array((entry.note.only ?? []).map(JSON.string)),
                ])
        }
    }
}

extension DeploymentHistory.Entry {
    /// The tag of the host and those of its stacks: `v2 wiki=1.4`.
    fileprivate var tags: String {
        let stacks = stackTags.sorted { $0.key < $1.key }.map { "\($0)=\($1)" }
        let all = [tag].compactMap(\.self) + stacks
        return all.isEmpty ? "-" : all.joined(separator: " ")
    }
}
