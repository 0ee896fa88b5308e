import ArgumentParser
import Foundation
import Propel

struct History: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Show what was deployed to a host: when, with which tag, how it ended, and the commit. Touches no machine.")

    @Argument(help: "The host, by its name in hosts.conf.")
    var host: String

    @Option(name: .long, help: "How many of the newest.")
    var limit = 20

    @Flag(name: .long, help: "One JSON object a line on standard output, for programs.")
    var json = false

    func validate() throws {
        guard limit > 0 else { throw ValidationError("--limit takes a number above 0") }
    }

    func run() async throws {
        try await reportingProblems {
            let checkout = try await Checkout.open()
            let name = try checkout.hostsConf.host(named: host).entry.name
            let entries = try await DeploymentHistory(of: name, in: checkout, limit: limit).entries
            if json {
                for entry in entries { Terminal.output.print(entry.json.description) }
            } else if entries.isEmpty {
                Terminal.error.print("git knows of no deployment to \(name)")
            } else {
                let rows =
                    [["TIME", "TAG", "RESULT", "COMMIT", "ENFORCER"]]
                    + entries.map {
                        [
                            $0.note.time.formatted(.iso8601), $0.tag ?? "-",
                            $0.note.result + ($0.note.only.map { " (only \($0.joined(separator: ", ")))" } ?? ""),
                            "\($0.commit)", String($0.note.enforcer.prefix(12)),
                        ]
                    }
                Table(rows).print()
            }
        }
    }
}

extension DeploymentHistory.Entry {
    fileprivate var json: JSON {
        [
            "time": .string(note.time.formatted(.iso8601)), "tag": tag.map(JSON.string) ?? .null,
            "result": .string(note.result),
            "commit": .string(commit.id), "enforcer": .string(note.enforcer),
            "only": .array((note.only ?? []).map(JSON.string)),
        ]
    }
}
