import Synchronization

/// The progress of apt, from the lines that it writes among its output with ``option``
/// (doc/progress-reporting.md in the sources of apt).
///
///     dlstatus:3:42.5:Retrieving file 3 of 7
///     pmstatus:nginx:54.5:Unpacking nginx (amd64)
final class AptProgress: Sendable {
    /// Has apt report its progress on a copy of its standard output. apt closes this descriptor to dpkg, so it cannot
    /// be standard output itself: maintainer scripts that write to a closed descriptor fail (addgroup of Debian 12).
    static let option = "APT::Status-Fd=3"

    /// Only the end of the output is seen, and the summary is at its beginning.
    private let task: Mutex<String?>

    /// - Parameter task: what apt was asked for: “upgrading packages”; nil for what it says itself.
    init(of task: String?) { self.task = Mutex(task) }

    /// The words for the last of these lines, such as “installing 62 packages: unpacking nginx, 54 %”; nil if there is
    /// none.
    /// - Parameter output: the end of apt's output.
    func words(after output: String) -> String? {
        let task =
            task.withLock { task in
                task = task ?? Self.task(in: output)
                return task
            } ?? "installing packages"
        for line in output.lines.reversed() {
            let fields = line.split(separator: ":", maxSplits: 3, omittingEmptySubsequences: false)
            guard fields.count == 4, let percent = Double(fields[2]), (0...100).contains(percent) else { continue }
            let share = "\(Int(percent)) %"
            switch fields[0] {
            case "dlstatus": return "\(task): downloading, \(share)"
            case "pmstatus":
                // “Unpacking nginx (amd64)”
                let step = fields[3].prefix(100).split(separator: " (").first ?? fields[3]
                return "\(task): \(step.prefix(1).lowercased())\(step.dropFirst()), \(share)"
            default: continue
            }
        }
        return nil
    }

    /// The output of apt without its progress, for the report of a failure.
    static func removed(from output: [UInt8]) -> [UInt8] {
        Array(
            output.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
                .filter { line in !["dlstatus:", "pmstatus:"].contains { line.starts(with: $0.utf8) } }
                .joined(separator: [UInt8(ascii: "\n")]))
    }

    /// The task of a transaction, by the summary that apt-get prints before it begins; nil if the output has none.
    ///
    ///     0 upgraded, 62 newly installed, 1 to remove and 3 not upgraded.
    static func task(in output: String) -> String? {
        // The first line may be the end of one.
        guard let summary = output.lines.dropFirst().first(where: { $0.hasSuffix(" not upgraded.") }) else {
            return nil
        }
        var (installed, removed) = (0, 0)
        for part in summary.split(separator: ", ") {
            guard let count = Int(part.prefix { $0 != " " }) else { return nil }
            if part.contains(" to remove and ") { removed += count } else { installed += count }
        }
        func packages(_ count: Int) -> String { count == 1 ? "1 package" : "\(count) packages" }
        switch (installed, removed) {
        case (0, 0): return "configuring packages"
        case (0, _): return "removing \(packages(removed))"
        case (_, 0): return "installing \(packages(installed))"
        default: return "installing \(packages(installed)) and removing \(removed)"
        }
    }
}
