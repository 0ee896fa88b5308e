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

    /// - Throws: ``UsageError`` if a canary is not among the hosts.
    func validate(for names: [String]) throws {
        for canary in canaries where !names.contains(canary) {
            throw UsageError(
                description: "--canary: \(canary.debugDescription) is not among the hosts of this deployment")
        }
    }
}
