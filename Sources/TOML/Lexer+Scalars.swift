import PlainText

extension Lexer {
    /// Reads a number, a boolean, a date or a time: everything that stands without quotes or brackets.
    mutating func scalar() throws(SyntaxError) -> Value.Content {
        let start = position
        skipToken()
        // A date may be followed by its time after one space.
        if DateTime.isLikely(bytes[start.offset..<position.offset]), position.offset - start.offset == 10,
            current == UInt8(ascii: " "), byte(after: 1)?.isASCIIDigit == true
        {
            advance()
            skipToken()
        }
        let token = bytes[start.offset..<position.offset]
        if token.isEmpty { throw error("expected a value, found \(found)") }
        switch String(decoding: token, as: UTF8.self) {
        case "true": return .boolean(true)
        case "false": return .boolean(false)
        case "inf", "+inf": return .float(.infinity)
        case "-inf": return .float(-.infinity)
        case "nan", "+nan", "-nan": return .float(.nan)
        default: break
        }
        let text = String(decoding: token, as: UTF8.self).shortened.shown
        if DateTime.isLikely(token) {
            if let dateTime = DateTime(token) { return .dateTime(dateTime) }
            throw error(
                "invalid date or time “\(text)”: write it like 1979-05-27, 07:32:00 or 1979-05-27T07:32:00Z, "
                    + "or put a string in quotes", at: start)
        }
        switch Self.number(token) {
        case .success(let content): return content
        case .failure(let invalid): throw error(invalid.message(about: text), at: start)
        }
    }

    private mutating func skipToken() {
        while let byte = current, byte > 0x20, byte != 0x7F, !",]}#".utf8.contains(byte) { advance() }
    }

    private enum InvalidNumber: Error {
        case notANumber, leadingZero, underscore, tooLarge, sign

        func message(about text: String) -> String {
            switch self {
            case .notANumber:
                "“\(text)” is not a value: put strings in quotes: \(Writing.string(text))"
            case .leadingZero: "invalid number “\(text)”: remove the leading zero, or put a string in quotes"
            case .underscore: "invalid number “\(text)”: underscores may only stand between digits"
            case .tooLarge: "invalid number “\(text)”: it does not fit into 64 bits"
            case .sign: "invalid number “\(text)”: hexadecimal, octal and binary numbers have no sign"
            }
        }
    }

    private static func number(_ token: ArraySlice<UInt8>) -> Result<Value.Content, InvalidNumber> {
        let sign = token.first.flatMap { $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "-") ? $0 : nil }
        let unsigned = sign == nil ? token : token.dropFirst()
        if unsigned.first == UInt8(ascii: "0"), let radix = unsigned.dropFirst().first.flatMap(radix(of:)) {
            return number(unsigned.dropFirst(2), radix: radix, isSigned: sign != nil)
        }
        var rest = unsigned
        guard let integer = skipDigits(in: &rest) else { return .failure(.notANumber) }
        var isFloat = false
        var hasBadUnderscore = integer.hasBadUnderscore
        if rest.first == UInt8(ascii: ".") {
            rest = rest.dropFirst()
            isFloat = true
            guard let fraction = skipDigits(in: &rest) else { return .failure(.notANumber) }
            hasBadUnderscore = hasBadUnderscore || fraction.hasBadUnderscore
        }
        if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
            rest = rest.dropFirst()
            isFloat = true
            if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
            guard let exponent = skipDigits(in: &rest) else { return .failure(.notANumber) }
            hasBadUnderscore = hasBadUnderscore || exponent.hasBadUnderscore
        }
        guard rest.isEmpty else { return .failure(.notANumber) }
        if hasBadUnderscore { return .failure(.underscore) }
        if integer.digits.count > 1, integer.digits.first == UInt8(ascii: "0") { return .failure(.leadingZero) }
        let text = String(decoding: token.filter { $0 != UInt8(ascii: "_") }, as: UTF8.self)
        if isFloat {
            guard let value = Double(text), value.isFinite else { return .failure(.tooLarge) }
            return .success(.float(value))
        }
        return Int(text).map { .success(.integer($0)) } ?? .failure(.tooLarge)
    }

    private static func radix(of byte: UInt8) -> Int? {
        switch byte {
        case UInt8(ascii: "x"): 16
        case UInt8(ascii: "o"): 8
        case UInt8(ascii: "b"): 2
        default: nil
        }
    }

    private static func number(
        _ token: ArraySlice<UInt8>, radix: Int, isSigned: Bool
    ) -> Result<Value.Content, InvalidNumber> {
        let isNumber = token.allSatisfy { byte in
            byte == UInt8(ascii: "_") || hexadecimalValue(of: byte).map { $0 < radix } == true
        }
        let digits = token.filter { $0 != UInt8(ascii: "_") }
        guard isNumber, !digits.isEmpty else { return .failure(.notANumber) }
        if isSigned { return .failure(.sign) }
        if hasBadUnderscore(token) { return .failure(.underscore) }
        let value = Int(String(decoding: digits, as: UTF8.self), radix: radix)
        return value.map { .success(.integer($0)) } ?? .failure(.tooLarge)
    }

    /// Skips digits and underscores; nil if there is no digit.
    private static func skipDigits(
        in rest: inout ArraySlice<UInt8>
    ) -> (digits: ArraySlice<UInt8>, hasBadUnderscore: Bool)? {
        let digits = rest.prefix { $0.isASCIIDigit || $0 == UInt8(ascii: "_") }
        guard digits.contains(where: \.isASCIIDigit) else { return nil }
        rest = rest.dropFirst(digits.count)
        return (digits, hasBadUnderscore(digits))
    }

    /// Whether an underscore stands at an end or beside another.
    private static func hasBadUnderscore(_ digits: ArraySlice<UInt8>) -> Bool {
        let underscore = UInt8(ascii: "_")
        return digits.first == underscore || digits.last == underscore
            || zip(digits, digits.dropFirst()).contains { $0 == underscore && $1 == underscore }
    }
}
