// Searching and replacing, as in the standard library. Its implementations are in _StringProcessing, together with the
// engine of regular expressions, which would make up a tenth of the enforcer: a static program keeps everything that
// conforms to a protocol. Declarations of other modules come before those of _StringProcessing.

extension Collection where Element: Equatable {
    /// The first range that equals another collection; nil if it is not contained. An empty one is at the start.
    public func firstRange<Other: Collection>(of other: Other) -> Range<Index>? where Other.Element == Element {
        range(of: other, from: startIndex)
    }

    /// The ranges that equal another collection, without overlaps. None of an empty one.
    public func ranges<Other: Collection>(of other: Other) -> [Range<Index>] where Other.Element == Element {
        guard !other.isEmpty else { return [] }
        var found: [Range<Index>] = [], start = startIndex
        while let next = range(of: other, from: start) {
            found.append(next)
            start = next.upperBound
        }
        return found
    }

    /// Whether another collection is contained, one element after the other.
    public func contains<Other: Collection>(_ other: Other) -> Bool where Other.Element == Element {
        firstRange(of: other) != nil
    }

    /// The parts between the ranges that equal a separator of several elements.
    @_disfavoredOverload
    public func split<Separator: Collection>(
        separator: Separator, maxSplits: Int = .max, omittingEmptySubsequences: Bool = true
    ) -> [SubSequence] where Separator.Element == Element {
        var parts: [SubSequence] = [], start = startIndex
        func add(until end: Index) -> Bool {
            guard start != end || !omittingEmptySubsequences else { return false }
            parts.append(self[start..<end])
            return true
        }
        for range in ranges(of: separator) {
            guard parts.count < maxSplits else { break }
            _ = add(until: range.lowerBound)
            start = range.upperBound
        }
        _ = add(until: endIndex)
        return parts
    }

    fileprivate func range<Other: Collection>(of other: Other, from start: Index) -> Range<Index>?
    where Other.Element == Element {
        var start = start
        while true {
            var index = start, rest = other[...]
            while let wanted = rest.first, index != endIndex, self[index] == wanted {
                formIndex(after: &index)
                rest.removeFirst()
            }
            if rest.isEmpty { return start..<index }
            guard start != endIndex else { return nil }
            formIndex(after: &start)
        }
    }
}

extension StringProtocol {
    /// Whether one of these characters is in the text, by scalars: a combining mark after a character, or one of those
    /// that join the next one to themselves, makes another `Character`, and to other programs it is still there.
    public func contains(anyOf scalars: String) -> Bool {
        unicodeScalars.contains { scalars.unicodeScalars.contains($0) }
    }

    /// The text before the first scalar of this kind, such as the sign that begins a comment; all of it without one.
    public func before(_ scalar: Unicode.Scalar) -> SubSequence {
        self[..<(unicodeScalars.firstIndex(of: scalar) ?? endIndex)]
    }

    /// The parts before and after the first scalar of this kind, such as those of `key=value`; nil without one.
    public func parts(around scalar: Unicode.Scalar) -> (before: SubSequence, after: SubSequence)? {
        guard let index = unicodeScalars.firstIndex(of: scalar) else { return nil }
        return (self[..<index], self[unicodeScalars.index(after: index)...])
    }

    /// Whether the text begins with these bytes, whatever combining marks follow.
    public func begins(with start: String) -> Bool { utf8.starts(with: start.utf8) }
}

extension BidirectionalCollection where Element: Comparable {
    /// The same, since the standard library has one for these alone, which would be more specific.
    public func firstRange<Other: Collection>(of other: Other) -> Range<Index>? where Other.Element == Element {
        range(of: other, from: startIndex)
    }
}

extension RangeReplaceableCollection where Element: Equatable {
    /// A copy in which the first ranges that equal another collection are replaced.
    /// - Parameters:
    ///   - other: what is replaced.
    ///   - replacement: what comes in its place.
    ///   - limit: the number of replacements; all by default.
    public func replacing<Other: Collection, Replacement: Collection>(
        _ other: Other, with replacement: Replacement, maxReplacements limit: Int = .max
    ) -> Self where Other.Element == Element, Replacement.Element == Element {
        var result = Self(), start = startIndex
        for range in ranges(of: other).prefix(limit) {
            result.append(contentsOf: self[start..<range.lowerBound])
            result.append(contentsOf: replacement)
            start = range.upperBound
        }
        result.append(contentsOf: self[start...])
        return result
    }
}
