import Synchronization

/// The output of `apt-get update` about repositories that it could not use.
///
/// It exits with 0 if one could not be reached but old lists or those of others are there, and with 100 if one has no
/// valid signature or no Release file; the lists of the others are fetched in both cases.
struct RepositoryComplaints {
    /// All lines of its errors and warnings, if a repository is the reason.
    let lines: [String]
    /// Whether it failed for nothing else.
    let areAll: Bool

    init(of result: CommandResult) {
        let errors = String(decoding: result.errors, as: UTF8.self).nonEmptyLines.map(String.init)
        let isAny = errors.contains { line in Self.phrases.contains { line.firstRange(of: $0) != nil } }
        lines = isAny ? errors : []
        areAll = isAny && !errors.contains { line in Self.fatal.contains { line.firstRange(of: $0) != nil } }
    }

    private static let phrases = [
        "Failed to fetch", "The repository '", "Release file for", "index files failed to download",
    ]
    /// apt reads no lists at all then.
    private static let fatal = ["list of sources could not be read", "Malformed ", "Conflicting values set for option"]

    /// One line for each repository, without the severity.
    var repositories: [String] {
        var seen: Set<Substring> = []
        return lines.compactMap { line in
            let text = line.dropFirst(line.hasPrefix("E: ") || line.hasPrefix("W: ") ? 3 : 0)
            guard
                text.hasPrefix("Failed to fetch") || text.hasPrefix("The repository '")
                    || text.hasPrefix("Release file")
            else { return nil }
            // Several lists of one host: http://deb.example.org/dists/stable/InRelease
            let parts = text.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
            guard seen.insert(parts.count > 2 ? parts[2] : text).inserted else { return nil }
            return String(text).escaped
        }
    }
}

/// The last attempt of this run to fetch the lists.
final class AptAttempt: LastingFact {
    private let last = Mutex<(time: Timestamp, complaints: [String])?>(nil)

    var time: Timestamp? { last.withLock { $0?.time } }
    var complaints: [String] { last.withLock { $0?.complaints ?? [] } }

    func record(_ complaints: [String], at time: Timestamp) { last.withLock { $0 = (time, complaints) } }

    static func read(from machine: Machine) async throws -> AptAttempt { AptAttempt() }
}
