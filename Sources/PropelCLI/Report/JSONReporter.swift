import Propel
import SSHTransport
import Synchronization

/// Shows runs as lines of JSON on standard output; text for people goes to standard error.
final class JSONReporter: Reporter {
    private let output = Mutex(Terminal.output)
    private let ticker: ProgressTicker

    init(hosts: [String]) { ticker = ProgressTicker(hosts: hosts) }

    func report(_ progress: HostRun.Progress, of host: String) {
        ticker.report(progress, of: host)
        switch progress {
        case .event(.property(let report)):
            var members = report.json.object ?? [:]
            // Always there, so that a reader need not test for it.
            members["diff"] = report.diff.map(JSON.string) ?? .null
            print(.line("property", .object(members), of: host))
        case .warning(let text): Terminal.error.print("\(host): \(text.oneLine)")
        case .doing, .uploading, .sent, .event: break
        }
    }

    func finish(_ outcome: Outcome) {
        ticker.finish(outcome.host)
        print(outcome.json)
    }

    func summarize(_ summary: RunReport) {
        ticker.end()
        OutputFormat.json.print(summary)
    }

    func pause(_ isPaused: Bool) {}

    private func print(_ line: JSON) { output.withLock { $0.print(line.description) } }
}

extension Outcome {
    /// The line of a host.
    var json: JSON {
        .line(
            "host",
            [
                "host": .string(host), "result": .string(result.rawValue), "counts": counts.json,
                "seconds": .number(seconds.rounded(toPlaces: 3)), "failure": failure?.json, "sent": upload?.json,
                "peak-memory": counts.peakMemory.map(JSON.integer), "programs": counts.programs.map(JSON.integer),
                "follow-ups": counts.followUps.isEmpty ? nil : .array(counts.followUps.map(JSON.string)),
                "forgotten": counts.forgotten.isEmpty ? nil : .array(counts.forgotten.map(\.json)),
            ])
    }
}

extension Upload {
    fileprivate var json: JSON {
        [
            "bytes": .integer(size), "compression": compression.map { JSON.string($0.rawValue) } ?? .null,
            "base": base.map(JSON.string) ?? .null,
        ]
    }
}
