import PlainText

/// A date, a time, or both, as RFC 3339 writes them.
public enum DateTime: Sendable, Equatable {
    /// `1979-05-27T07:32:00Z`; the offset from UTC in minutes.
    case offset(Date, Time, minutes: Int)
    /// `1979-05-27T07:32:00`
    case local(Date, Time)
    /// `1979-05-27`
    case date(Date)
    /// `07:32:00`
    case time(Time)

    public struct Date: Sendable, Equatable {
        public let year: Int
        public let month: Int
        public let day: Int
    }

    public struct Time: Sendable, Equatable {
        public let hour: Int
        public let minute: Int
        /// 0 to 60; the last is a leap second.
        public let second: Int
        /// Digits beyond the ninth are dropped.
        public let nanosecond: Int
    }

    /// Reads a whole token; nil if it is not a date or time that exists.
    init?(_ token: ArraySlice<UInt8>) {
        var digits = DateTimeDigits(rest: token)
        if let time = digits.time() {
            guard digits.rest.isEmpty else { return nil }
            self = .time(time)
            return
        }
        guard let date = digits.date() else { return nil }
        if digits.rest.isEmpty {
            self = .date(date)
            return
        }
        guard digits.skip("T") || digits.skip("t") || digits.skip(" "), let time = digits.time() else { return nil }
        if digits.rest.isEmpty {
            self = .local(date, time)
            return
        }
        guard let offset = digits.offset(), digits.rest.isEmpty else { return nil }
        self = .offset(date, time, minutes: offset)
    }

    /// Whether a token looks as if it was meant as a date or time: `1979-`, `07:`.
    static func isLikely(_ token: ArraySlice<UInt8>) -> Bool {
        let start = token.prefix(while: \.isASCIIDigit)
        let next = token.dropFirst(start.count).first
        return start.count == 4 && next == UInt8(ascii: "-") || start.count == 2 && next == UInt8(ascii: ":")
    }
}

/// Reads the fixed-width numbers of a date or time. Each function leaves `rest` alone where it returns nil.
private struct DateTimeDigits {
    var rest: ArraySlice<UInt8>

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard let first = rest.first, UInt32(first) == character.value else { return false }
        rest = rest.dropFirst()
        return true
    }

    mutating func number(ofDigits count: Int, in range: ClosedRange<Int>) -> Int? {
        let digits = rest.prefix(count)
        guard digits.count == count, digits.allSatisfy(\.isASCIIDigit) else { return nil }
        let value = digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
        guard range.contains(value) else { return nil }
        rest = rest.dropFirst(count)
        return value
    }

    mutating func date() -> DateTime.Date? {
        var copy = self
        guard let year = copy.number(ofDigits: 4, in: 0...9999), copy.skip("-"),
            let month = copy.number(ofDigits: 2, in: 1...12), copy.skip("-"),
            let day = copy.number(ofDigits: 2, in: 1...Self.days(in: month, of: year))
        else { return nil }
        self = copy
        return DateTime.Date(year: year, month: month, day: day)
    }

    mutating func time() -> DateTime.Time? {
        var copy = self
        guard let hour = copy.number(ofDigits: 2, in: 0...23), copy.skip(":"),
            let minute = copy.number(ofDigits: 2, in: 0...59), copy.skip(":"),
            let second = copy.number(ofDigits: 2, in: 0...60)
        else { return nil }
        var nanosecond = 0
        if copy.skip(".") {
            let fraction = copy.rest.prefix(while: \.isASCIIDigit)
            if fraction.isEmpty { return nil }
            copy.rest = copy.rest.dropFirst(fraction.count)
            let digits =
                Array(fraction.prefix(9)) + Array(repeating: UInt8(ascii: "0"), count: max(0, 9 - fraction.count))
            nanosecond = digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
        }
        self = copy
        return DateTime.Time(hour: hour, minute: minute, second: second, nanosecond: nanosecond)
    }

    /// `Z` or `+hh:mm`, in minutes.
    mutating func offset() -> Int? {
        if skip("Z") || skip("z") { return 0 }
        var copy = self
        let isNegative = copy.skip("-")
        guard isNegative || copy.skip("+"), let hours = copy.number(ofDigits: 2, in: 0...23), copy.skip(":"),
            let minutes = copy.number(ofDigits: 2, in: 0...59)
        else { return nil }
        self = copy
        return (hours * 60 + minutes) * (isNegative ? -1 : 1)
    }

    static func days(in month: Int, of year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}
