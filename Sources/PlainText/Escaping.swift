/// The way in which a file format writes the characters that it does not take as they are.
///
/// It goes by scalars: with a combining mark after it a quote is another `Character`, and still a quote to the program
/// that reads the file.
public struct Escaping: Sendable {
    /// The escape of a scalar; nil if the scalar needs none.
    private let escape: @Sendable (Unicode.Scalar) -> String?

    private init(_ escape: @escaping @Sendable (Unicode.Scalar) -> String?) { self.escape = escape }

    /// The text with its escapes, without quotes.
    public func escape(_ text: String) -> String {
        text.unicodeScalars.reduce(into: "") { result, scalar in
            if let escaped = escape(scalar) { result += escaped } else { result.unicodeScalars.append(scalar) }
        }
    }

    /// The text with its escapes, in double quotes.
    public func quote(_ text: String) -> String { "\"\(escape(text))\"" }
}

extension Escaping {
    /// Messages for people: control characters as Swift writes them, so that a value stays on one line.
    public static let message = Escaping { scalar in
        scalar.value < 0x20 || scalar.value == 0x7F ? scalar.escaped(asASCII: true) : nil
    }

    /// A string of JSON (RFC 8259). C1 controls and line separators too: a terminal or a line reader may act on them.
    public static let json = Escaping { scalar in
        if let short = short(scalar, "\"\\\n\r\t") { return short }
        return switch scalar {
        case "\0"..<" ", "\u{7F}"..."\u{9F}", "\u{2028}", "\u{2029}": "\\u" + String(scalar.value, radix: 16, digits: 4)
        default: nil
        }
    }

    /// A string in double quotes of YAML 1.2 (section 5.7).
    public static let yaml = Escaping { scalar in
        if let short = short(scalar, "\"\\\n\t") { return short }
        return switch scalar {
        case "\0"..<" ", "\u{7F}"..."\u{A0}": "\\x" + String(scalar.value, radix: 16, digits: 2, uppercase: true)
        case "\u{2028}", "\u{2029}", "\u{FEFF}", "\u{FFFE}", "\u{FFFF}":
            "\\u" + String(scalar.value, radix: 16, digits: 4, uppercase: true)
        default: nil
        }
    }

    /// A basic string of TOML 1.0.
    public static let toml = Escaping { scalar in
        if let short = short(scalar, "\"\\\n\r\t") { return short }
        return scalar.value < 0x20 || scalar.value == 0x7F
            ? "\\u" + String(scalar.value, radix: 16, digits: 4, uppercase: true) : nil
    }

    /// A field of fstab(5), and of the files in /proc that list paths: whitespace and backslashes as `\ooo`.
    public static let fstab = Escaping { scalar in
        " \t\n\\".unicodeScalars.contains(scalar) ? "\\" + String(scalar.value, radix: 8, digits: 3) : nil
    }

    /// A command of sudoers(5): the characters that would end it, or begin a comment.
    public static let sudoers = Escaping { ",:=\\#".unicodeScalars.contains($0) ? "\\\($0)" : nil }

    /// A string literal of Swift, in double quotes.
    public static let swift = Escaping { scalar in
        scalar == "\"" || scalar == "\\" || scalar.value < 0x20 || scalar.value == 0x7F
            ? scalar.escaped(asASCII: true) : nil
    }

    /// A string in double quotes of nginx (`ngx_conf_read_token`).
    public static let nginx = Escaping { short($0, "\"\\\n\r\t") }

    /// Text of roff(7): backslashes, and hyphens, which it would set as typographic ones.
    public static let roff = Escaping { $0 == "\\" ? "\\e" : $0 == "-" ? "\\-" : nil }

    /// Each of these characters is written twice, as quotes in SQL.
    public static func doubling(_ scalars: String) -> Escaping {
        Escaping { scalars.unicodeScalars.contains($0) ? "\($0)\($0)" : nil }
    }

    /// Each of these characters has a backslash before it.
    public static func backslash(before scalars: String) -> Escaping {
        Escaping { scalars.unicodeScalars.contains($0) ? "\\\($0)" : nil }
    }

    /// A backslash and one character, for a scalar that is among `scalars`.
    private static func short(_ scalar: Unicode.Scalar, _ scalars: String) -> String? {
        guard scalars.unicodeScalars.contains(scalar) else { return nil }
        return switch scalar {
        case "\n": "\\n"
        case "\r": "\\r"
        case "\t": "\\t"
        default: "\\\(scalar)"
        }
    }
}

extension String {
    /// The string as it stands in a message: control characters, newlines among them, as escapes.
    public var escaped: String { Escaping.message.escape(self) }

    /// The string with each `\ooo` replaced by the byte that it stands for; see ``Escaping/fstab``.
    public var octalUnescaped: String {
        let bytes = Array(utf8)
        var plain: [UInt8] = []
        var index = 0
        while index < bytes.count {
            let digits = bytes[(index + 1)...].prefix(3)
            // A sign is no digit, although UInt8 takes one.
            if bytes[index] == UInt8(ascii: "\\"), digits.count == 3, digits.allSatisfy(\.isASCIIDigit),
                let byte = UInt8(String(decoding: digits, as: UTF8.self), radix: 8)
            {
                plain.append(byte)
                index += 4
            } else {
                plain.append(bytes[index])
                index += 1
            }
        }
        return String(decoding: plain, as: UTF8.self)
    }
}
