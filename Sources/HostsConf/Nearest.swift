/// The candidates that are similar to a name, the most similar first.
///
/// A candidate is similar if it differs only by case, if at most a third of its letters (and at least one) were
/// mistyped, or if one of the two begins with the other (`prod`, `production`). Equally similar candidates keep their
/// order.
///
/// - Parameter limit: The maximum number of names.
public func nearestNames(to name: String, among candidates: some Sequence<String>, limit: Int = 3) -> [String] {
    let wanted = name.lowercased()
    guard !wanted.isEmpty else { return [] }
    let ranked = candidates.enumerated().compactMap { index, candidate -> (rank: Int, index: Int, name: String)? in
        let known = candidate.lowercased()
        let distance = editDistance(wanted, known)
        if distance <= max(1, max(wanted.count, known.count) / 3), distance < max(wanted.count, known.count) {
            return (distance, index, candidate)
        }
        if min(wanted.count, known.count) >= 2, known.hasPrefix(wanted) || wanted.hasPrefix(known) {
            return (distance, index, candidate)
        }
        return nil
    }
    return ranked.sorted { ($0.rank, $0.index) < ($1.rank, $1.index) }.prefix(limit).map(\.name)
}

/// The Damerau–Levenshtein distance: the number of insertions, deletions, substitutions and swaps of neighbours that
/// turn `a` into `b`.
///
/// This is the unrestricted distance, in which letters may be inserted between two that were swapped
/// (`ca` and `abc` are 2 apart). It counts characters and is case-sensitive.
public func editDistance(_ a: String, _ b: String) -> Int {
    let a = Array(a), b = Array(b)
    guard !a.isEmpty, !b.isEmpty else { return max(a.count, b.count) }
    let infinity = a.count + b.count
    let width = b.count + 2
    var distance = [Int](repeating: infinity, count: (a.count + 2) * width)
    for i in 0...a.count { distance[(i + 1) * width + 1] = i }
    for j in 0...b.count { distance[width + j + 1] = j }
    var lastRow: [Character: Int] = [:]
    for i in 1...a.count {
        var lastColumn = 0
        for j in 1...b.count {
            let swapRow = lastRow[b[j - 1], default: 0]
            let swapColumn = lastColumn
            let same = a[i - 1] == b[j - 1]
            if same { lastColumn = j }
            distance[(i + 1) * width + j + 1] = min(
                distance[i * width + j] + (same ? 0 : 1),
                distance[(i + 1) * width + j] + 1,
                distance[i * width + j + 1] + 1,
                distance[swapRow * width + swapColumn] + (i - swapRow - 1) + 1 + (j - swapColumn - 1))
        }
        lastRow[a[i - 1]] = i
    }
    return distance[(a.count + 1) * width + b.count + 1]
}

/// `: did you mean “production”?`, or all names if none is similar.
func suggestion(for name: String, among candidates: [String], called kind: String) -> String {
    let nearest = nearestNames(to: name, among: candidates).map(\.quoted)
    if !nearest.isEmpty { return ": did you mean \(alternatives(nearest))?" }
    if candidates.isEmpty { return ": there are no \(kind)" }
    return ": the \(kind) are \(candidates.sorted().joined(separator: ", "))"
}
