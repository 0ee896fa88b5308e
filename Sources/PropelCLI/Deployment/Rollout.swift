/// The order in which a deployment reaches its hosts, and when it stops.
///
/// The hosts are deployed in waves: the canaries first, then the others, a number of them at a time. After a wave with
/// more failures than are allowed, the rest is not tried.
struct Rollout: Sendable, Equatable {
    /// The hosts of the first wave.
    var canaries: [String] = []
    /// The number of hosts of each further wave; nil for all the rest.
    var waveSize: Int?
    /// The number of hosts that may fail before no other host is begun. Nil for none if there are waves, otherwise for
    /// all: hosts that are deployed at the same time do not depend on each other.
    var failureLimit: Int?
    /// Whether the changes of all hosts of a wave go back where one of them fails; see ``Wave``.
    var isTogether = false

    private var allowedFailures: Int { failureLimit ?? (canaries.isEmpty && waveSize == nil ? .max : 0) }

    /// The waves of these hosts, by their indices.
    func waves(of names: [String]) -> [[Int]] {
        let first = names.indices.filter { canaries.contains(names[$0]) }
        let rest = names.indices.filter { !canaries.contains(names[$0]) }
        let size = waveSize ?? max(rest.count, 1)
        let others = stride(from: 0, to: rest.count, by: size).map { Array(rest[$0..<min($0 + size, rest.count)]) }
        return ([first] + others).filter { !$0.isEmpty }
    }

    /// Whether a further host may be begun after these outcomes.
    func mayContinue(after outcomes: some Collection<Outcome>) -> Bool {
        outcomes.count { $0.result != .converged } <= allowedFailures
    }

    /// Whether a host may be begun at all after these outcomes of the preparations: the others of its wave could not go
    /// on together with one that has failed by then.
    func mayBegin(after outcomes: some Collection<Outcome>) -> Bool { !isTogether || outcomes.isEmpty }

    /// - Parameter jobs: the number of hosts at the same time.
    /// - Throws: ``UsageError`` if a canary is not among the hosts, or if hosts that are deployed together could not be
    ///   deployed at the same time.
    func validate(for names: [String], jobs: Int) throws {
        for canary in canaries where !names.contains(canary) {
            throw UsageError(
                description: "--canary: \(canary.debugDescription) is not among the hosts of this deployment")
        }
        guard isTogether, let largest = waves(of: names).map(\.count).max(), largest > jobs else { return }
        throw UsageError(
            description: """
                --together: \(largest) hosts wait for each other, and only \(jobs) are deployed at the same time
                Deploy them in waves, such as --serial \(jobs), or give --jobs \(largest).
                """)
    }
}
