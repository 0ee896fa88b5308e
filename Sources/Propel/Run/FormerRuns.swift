import Synchronization

/// How long properties took when earlier runs applied them, from the journals that the machine keeps.
final class FormerRuns: Sendable {
    private let journals: [FilePath]
    private let seconds = Mutex<[String: [Double]]?>(nil)

    /// The part of a journal in bytes that is read. That of a run that changed little is far smaller.
    private static let readLimit = 1 << 20

    init(journals: [FilePath]) { self.journals = journals }

    /// The median in seconds; nil if no run has applied it. The journals are read at the first call.
    /// - Parameter path: of a property, or the name of an action.
    func usualSeconds(of path: String) -> Double? {
        seconds.withLock { known in
            let times = known ?? read()
            known = times
            return times[path].map(Self.median)
        }
    }

    private func read() -> [String: [Double]] {
        var times: [String: [Double]] = [:]
        for journal in journals {
            // A run that was killed leaves half a line, and one of another version other events.
            guard let bytes = try? LocalFileSystem().read(journal, first: Self.readLimit) else { continue }
            for line in bytes.split(separator: UInt8(ascii: "\n")) {
                guard let json = try? JSON(parsing: line), case .property(let report)? = try? Event(json),
                    report.status == .changed
                else { continue }
                times[report.path, default: []].append(report.seconds)
            }
        }
        return times
    }

    private static func median(_ values: [Double]) -> Double {
        let sorted = values.sorted(), middle = sorted.count / 2
        return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
    }
}
