extension String {
    /// The text on one line, with control characters shown as `\n`, `\t` or `\u{1B}`.
    ///
    /// A path or a message that comes from a machine could otherwise begin lines of a report, move the cursor, set
    /// the title of the window or reverse the direction of text.
    var oneLine: String { escapingControls { _ in false } }

    /// The text with its newlines and tabs, and with all other control characters shown as `\u{1B}`.
    var printable: String { escapingControls { $0 == "\n" || $0 == "\t" } }

    /// The lines of the text, each as ``oneLine`` shows it. Tabs become four spaces.
    var printableLines: [String] {
        // On bytes: CR LF is a single Character in Swift.
        utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { line in
            String(decoding: line, as: UTF8.self).replacing("\t", with: "    ").oneLine
        }
    }

    private func escapingControls(except isKept: (Unicode.Scalar) -> Bool) -> String {
        guard unicodeScalars.contains(where: { $0.isControl && !isKept($0) }) else { return self }
        var escaped = String.UnicodeScalarView()
        for scalar in unicodeScalars {
            if scalar.isControl, !isKept(scalar) {
                escaped.append(contentsOf: scalar.escapeSequence.unicodeScalars)
            } else {
                escaped.append(scalar)
            }
        }
        return String(escaped)
    }
}

extension Unicode.Scalar {
    /// Whether terminals act on it: C0, DEL, C1, line and paragraph separators, and marks of direction.
    fileprivate var isControl: Bool {
        switch self {
        case "\0"..<" ", "\u{7F}"..."\u{9F}", "\u{61C}", "\u{200E}"..."\u{200F}", "\u{2028}"..."\u{202E}",
            "\u{2066}"..."\u{2069}":
            true
        default: false
        }
    }

    fileprivate var escapeSequence: String {
        switch self {
        case "\n": #"\n"#
        case "\r": #"\r"#
        case "\t": #"\t"#
        default: #"\u{\#(String(value, radix: 16, uppercase: true))}"#
        }
    }
}
