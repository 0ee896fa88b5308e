import Libc

/// A time of the machine's clock: seconds and nanoseconds since 1970, UTC.
public struct Timestamp: Sendable, Hashable, Comparable {
    public var seconds: Int
    /// 0 to 999 999 999.
    public var nanoseconds: Int

    public init(seconds: Int, nanoseconds: Int = 0) {
        self.seconds = seconds
        self.nanoseconds = nanoseconds
    }

    /// A time by the Gregorian calendar in UTC. A day or an hour that there is not counts on (timegm(3)).
    package init(utc year: Int, _ month: Int, _ day: Int, _ hour: Int, _ minute: Int, _ second: Int) {
        var parts = tm()
        parts.tm_year = Int32(clamping: year - 1900)
        parts.tm_mon = Int32(clamping: month - 1)
        parts.tm_mday = Int32(clamping: day)
        parts.tm_hour = Int32(clamping: hour)
        parts.tm_min = Int32(clamping: minute)
        parts.tm_sec = Int32(clamping: second)
        self.init(seconds: timegm(&parts))
    }

    /// The time of the system clock.
    public static var now: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(seconds: time.tv_sec, nanoseconds: time.tv_nsec)
    }

    public static func < (lhs: Timestamp, rhs: Timestamp) -> Bool {
        (lhs.seconds, lhs.nanoseconds) < (rhs.seconds, rhs.nanoseconds)
    }

    public static func - (left: Timestamp, right: Timestamp) -> Duration {
        .seconds(left.seconds - right.seconds) + .nanoseconds(left.nanoseconds - right.nanoseconds)
    }

    /// ISO 8601 in UTC, to the second: `2025-01-31T12:00:00Z`.
    public var iso8601: String { formatted("%Y-%m-%dT%H:%M:%SZ") }

    /// ISO 8601 without separators, for file names: `20250131T120000Z`.
    public var compact: String { formatted("%Y%m%dT%H%M%SZ") }

    private func formatted(_ format: String) -> String {
        var time = seconds
        var parts = tm()
        gmtime_r(&time, &parts)
        var buffer = [CChar](repeating: 0, count: 32)
        let count = strftime(&buffer, buffer.count, format, &parts)
        return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

extension Collection<UInt8> where Index == Int {
    /// The number that digits at these places are; nil for anything else.
    package func number(_ range: Range<Int>) -> Int? {
        guard range.upperBound <= endIndex, self[range].allSatisfy(\.isASCIIDigit) else { return nil }
        return Int(String(decoding: self[range], as: UTF8.self))
    }
}

extension Duration {
    /// The duration in seconds, with fractions.
    public var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }

    /// The duration in words, in its two largest units: “3 days”, “1 hour 30 minutes”.
    public var inWords: String {
        var rest = Int(inSeconds.rounded())
        var words: [String] = []
        for (unit, length) in [("day", 86_400), ("hour", 3600), ("minute", 60), ("second", 1)] where words.count < 2 {
            if rest >= length { words.append(rest / length == 1 ? "1 \(unit)" : "\(rest / length) \(unit)s") }
            rest %= length
        }
        return words.isEmpty ? "0 seconds" : words.joined(separator: " ")
    }

    /// A number of days of 24 hours.
    public static func days(_ count: Int) -> Duration { .seconds(count * 86_400) }
    /// A number of hours.
    public static func hours(_ count: Int) -> Duration { .seconds(count * 3600) }
    /// A number of minutes.
    public static func minutes(_ count: Int) -> Duration { .seconds(count * 60) }
}
