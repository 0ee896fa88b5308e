import Propel
import Synchronization

/// One JSON object a line on standard output, each with the version of the format; people's text goes to standard error.
final class JSONReporter: Reporter {
    /// Rises when a program that reads the lines would have to be changed.
    static let version = 1

    private let output = Mutex(Terminal.output)

    private func print(_ members: [String: JSON?]) {
        let line = JSON.object(members.merging(["version": .integer(Self.version)]) { $1 }.compactMapValues(\.self))
            .description
        output.withLock { $0.print(line) }
    }

    func report(_ progress: HostRun.Progress, of host: String) {
        switch progress {
        case .event(.property(let report)):
            var members = (report.json.object ?? [:]).mapValues(Optional.some)
            members["host"] = .string(host)
            // Always there: a reader need not ask.
            members["diff"] = .some(report.diff.map(JSON.string) ?? .null)
            print(members)
        case .warning(let text): Terminal.error.print("\(host): \(text.printable)")
        default: break
        }
    }

    func finish(_ outcome: Outcome) {
        print(
            [
                "kind": "host", "host": .string(outcome.host), "result": .string(outcome.result.rawValue),
                "counts": outcome.counts.json, "seconds": .number(outcome.seconds.rounded(toPlaces: 3)),
                "failure": outcome.failure?.json, "peak-memory": outcome.counts.peakMemory.map(JSON.integer),
            ])
    }

    func summarize(_ outcomes: [Outcome], mode: HostRun.Mode, seconds: Double) {
        let counts = PropertyReport.Status.allCases.map { status in
            (status.rawValue, JSON.integer(outcomes.reduce(0) { $0 + $1.counts[status] }))
        }
        print(
            [
                "kind": "summary", "mode": .string(mode.rawValue),
                "counts": .object(Dictionary(uniqueKeysWithValues: counts)),
                "hosts": .object(
                    Dictionary(uniqueKeysWithValues: outcomes.map { ($0.host, .string($0.result.rawValue)) })),
                "seconds": .number(seconds.rounded(toPlaces: 3)),
                "exit": .integer(Int(ExitStatus.summing(outcomes).rawValue)),
            ])
    }

    func pause(_ isPaused: Bool) {}
}

extension Double {
    func rounded(toPlaces places: Int) -> Double {
        let scale = (0..<places).reduce(1.0) { scale, _ in scale * 10 }
        return (self * scale).rounded() / scale
    }
}
