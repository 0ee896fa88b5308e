extension Timestamp {
    /// Reads a time as docker writes it (RFC 3339): `2026-11-21T17:05:35.123456789+01:00`. Fractions of a second are
    /// left out.
    /// - Returns: nil if it has another form.
    init?(rfc3339 text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count >= 20, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"),
            bytes[13] == UInt8(ascii: ":"), bytes[16] == UInt8(ascii: ":"), let year = bytes.number(0..<4),
            let month = bytes.number(5..<7), (1...12).contains(month), let day = bytes.number(8..<10),
            (1...31).contains(day), let hour = bytes.number(11..<13), let minute = bytes.number(14..<16),
            let second = bytes.number(17..<19)
        else { return nil }
        let zone = Array(bytes[19...].drop { $0 == UInt8(ascii: ".") || $0.isASCIIDigit })
        let sign: Int
        switch zone.first {
        case UInt8(ascii: "Z") where zone.count == 1: sign = 0
        case UInt8(ascii: "+"): sign = 1
        case UInt8(ascii: "-"): sign = -1
        default: return nil
        }
        var offset = 0
        if sign != 0 {
            guard zone.count == 6, let hours = zone.number(1..<3), let minutes = zone.number(4..<6) else { return nil }
            offset = sign * (hours * 3600 + minutes * 60)
        }
        self.init(utc: year, month, day, hour, minute, second - offset)
    }
}
