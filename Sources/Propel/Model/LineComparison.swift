/// The lines that differ between two contents, by the greedy algorithm of Myers (“An O(ND) Difference Algorithm”,
/// 1986).
///
/// The number of edits is limited, so that a large change takes no more than linear time: beyond the limit all lines
/// between the common beginning and the common end count as changed.
struct LineComparison {
    /// The indices of the old lines that are removed, and of the new lines that are inserted.
    let changes: (removed: Set<Int>, inserted: Set<Int>)

    /// The limit of edits. A diff shows at most ``Diff/lineLimit`` lines anyway.
    static let editLimit = 500

    init(_ old: [Substring], _ new: [Substring]) {
        // Numbers instead of lines: they are compared often.
        var numbers: [Substring: Int] = [:]
        func number(_ line: Substring) -> Int {
            if let known = numbers[line] { return known }
            numbers[line] = numbers.count
            return numbers.count - 1
        }
        let old = old.map(number), new = new.map(number)
        let start = zip(old, new).prefix { $0 == $1 }.count
        let end = zip(old[start...].reversed(), new[start...].reversed()).prefix { $0 == $1 }.count
        let oldRange = start..<old.count - end, newRange = start..<new.count - end
        if let edits = Self.edits(Array(old[oldRange]), Array(new[newRange])) {
            changes = (Set(edits.removed.map { $0 + start }), Set(edits.inserted.map { $0 + start }))
        } else {
            changes = (Set(oldRange), Set(newRange))
        }
    }

    /// The shortest edit script; nil if it is longer than the limit.
    private static func edits(_ old: [Int], _ new: [Int]) -> (removed: [Int], inserted: [Int])? {
        let limit = min(editLimit, old.count + new.count), middle = limit + 1
        // furthest[middle + k] is the furthest old index that is reached on the diagonal k = old index - new index.
        var furthest = [Int](repeating: 0, count: 2 * limit + 3)
        var history: [[Int]] = []
        for distance in 0...limit {
            history.append(furthest)
            for k in stride(from: -distance, through: distance, by: 2) {
                let isInsertion =
                    k == -distance || k != distance && furthest[middle + k - 1] < furthest[middle + k + 1]
                var x = isInsertion ? furthest[middle + k + 1] : furthest[middle + k - 1] + 1
                while x < old.count, x - k < new.count, old[x] == new[x - k] { x += 1 }
                furthest[middle + k] = x
                if x >= old.count, x - k >= new.count { return trace(history, middle, old.count, new.count) }
            }
        }
        return nil
    }

    /// Follows the recorded steps back from the end.
    private static func trace(
        _ history: [[Int]], _ middle: Int, _ oldCount: Int, _ newCount: Int
    ) -> (removed: [Int], inserted: [Int]) {
        var removed: [Int] = [], inserted: [Int] = [], x = oldCount, y = newCount
        for distance in history.indices.dropFirst().reversed() {
            let furthest = history[distance], k = x - y
            let isInsertion = k == -distance || k != distance && furthest[middle + k - 1] < furthest[middle + k + 1]
            let previous = isInsertion ? k + 1 : k - 1
            x = furthest[middle + previous]
            y = x - previous
            if isInsertion { inserted.append(y) } else { removed.append(x) }
        }
        return (removed, inserted)
    }
}
