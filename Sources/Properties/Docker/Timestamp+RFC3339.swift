extension Timestamp {
    /// Reads a time as docker writes it (RFC 3339): `2026-11-21T17:05:35.123456789+01:00`. Fractions of a second are
    /// left out.
    /// - Returns: nil if it has another form.
    init?(rfc3339 text: String) {
        let bytes = Array(text.utf8)
        func number(_ first: Int, _ count: Int, in bytes: [UInt8]) -> Int? {
            guard first + count <= bytes.count else { return nil }
            let digits = bytes[first..<first + count]
            return digits.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
                ? Int(String(decoding: digits, as: UTF8.self)) : nil
        }
        guard bytes.count >= 20, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"),
            bytes[13] == UInt8(ascii: ":"), bytes[16] == UInt8(ascii: ":"),
            let year = number(0, 4, in: bytes), let month = number(5, 2, in: bytes), (1...12).contains(month),
            let day = number(8, 2, in: bytes), (1...31).contains(day),
            let hour = number(11, 2, in: bytes), let minute = number(14, 2, in: bytes),
            let second = number(17, 2, in: bytes)
        else { return nil }
        let zone = Array(bytes[19...].drop { $0 == UInt8(ascii: ".") || (0x30...0x39).contains($0) })
        let sign: Int
        switch zone.first {
        case UInt8(ascii: "Z") where zone.count == 1: sign = 0
        case UInt8(ascii: "+"): sign = 1
        case UInt8(ascii: "-"): sign = -1
        default: return nil
        }
        var offset = 0
        if sign != 0 {
            guard zone.count == 6, let hours = number(1, 2, in: zone), let minutes = number(4, 2, in: zone) else {
                return nil
            }
            offset = sign * (hours * 3600 + minutes * 60)
        }
        self.init(seconds: Self.days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - offset)
    }

    /// The days from 1970-01-01 to a day of the Gregorian calendar. The year begins in March, so that the leap day is
    /// its last.
    private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let year = month > 2 ? year : year - 1
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return year * 365 + year / 4 - year / 100 + year / 400 + dayOfYear - 719_468
    }
}
