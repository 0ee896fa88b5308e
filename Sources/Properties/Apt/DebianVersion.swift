/// A version of a package, ordered as dpkg orders it (deb-version(7)).
struct DebianVersion: Comparable, CustomStringConvertible {
    let description: String

    init(_ text: String) { description = text }

    private var parts: (epoch: Int, upstream: ArraySlice<UInt8>, revision: ArraySlice<UInt8>) {
        var rest = Array(description.utf8)[...], epoch = 0
        if let colon = rest.firstIndex(of: UInt8(ascii: ":")) {
            epoch = Int(String(decoding: rest[..<colon], as: UTF8.self)) ?? 0
            rest = rest[(colon + 1)...]
        }
        guard let hyphen = rest.lastIndex(of: UInt8(ascii: "-")) else { return (epoch, rest, []) }
        return (epoch, rest[..<hyphen], rest[(hyphen + 1)...])
    }

    static func == (left: DebianVersion, right: DebianVersion) -> Bool { order(left, right) == 0 }
    static func < (left: DebianVersion, right: DebianVersion) -> Bool { order(left, right) < 0 }

    private static func order(_ left: DebianVersion, _ right: DebianVersion) -> Int {
        let (left, right) = (left.parts, right.parts)
        guard left.epoch == right.epoch else { return left.epoch - right.epoch }
        let upstream = order(left.upstream, right.upstream)
        return upstream != 0 ? upstream : order(left.revision, right.revision)
    }

    /// Compares text and numbers in turn: “1.10” is later than “1.9”, and “1~rc1” is earlier than “1”.
    private static func order(_ left: ArraySlice<UInt8>, _ right: ArraySlice<UInt8>) -> Int {
        var left = left, right = right
        while !left.isEmpty || !right.isEmpty {
            while left.first?.isASCIIDigit == false || right.first?.isASCIIDigit == false {
                let (one, other) = (weight(left.first), weight(right.first))
                guard one == other else { return one - other }
                left = left.dropFirst()
                right = right.dropFirst()
            }
            let one = number(&left), other = number(&right)
            guard one.count == other.count else { return one.count - other.count }
            if let index = zip(one, other).first(where: { $0 != $1 }) { return Int(index.0) - Int(index.1) }
        }
        return 0
    }

    /// The digits at the beginning, without leading zeros.
    private static func number(_ text: inout ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let digits = text.prefix(while: \.isASCIIDigit)
        text = text.dropFirst(digits.count)
        return digits.drop { $0 == UInt8(ascii: "0") }
    }

    /// A tilde sorts before the end, letters before other characters.
    private static func weight(_ byte: UInt8?) -> Int {
        guard let byte, !byte.isASCIIDigit else { return 0 }
        if byte == UInt8(ascii: "~") { return -1 }
        return byte.isASCIILetter ? Int(byte) : Int(byte) + 256
    }
}

extension DebianVersion {
    /// Whether the version is one that a pattern means: `1.24.*` has any characters for the star.
    func matches(_ pattern: String) -> Bool {
        var parts = pattern.split(separator: "*", omittingEmptySubsequences: false)
        var rest = description[...]
        guard let first = parts.first, rest.hasPrefix(first) else { return false }
        parts.removeFirst()
        guard let last = parts.popLast() else { return rest.count == first.count }
        rest = rest.dropFirst(first.count)
        for part in parts where !part.isEmpty {
            guard let found = rest.firstRange(of: part) else { return false }
            rest = rest[found.upperBound...]
        }
        return rest.hasSuffix(last)
    }
}
