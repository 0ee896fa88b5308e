/// Words and values in a configuration of nginx (as `ngx_conf_read_token` parses them).
enum NginxText {
    /// The word, in quotes if it has a character that nginx gives a meaning outside of them. Variables keep theirs.
    static func word(_ word: String) -> String {
        let isPlain =
            !word.isEmpty
            && word.utf8.allSatisfy { $0.isASCIILetterOrDigit || "-._/@+:=$?&~,%*^!()|[]".utf8.contains($0) }
        return isPlain && !"~^".contains(word.first ?? "~") ? word : quoted(word)
    }

    /// The word in quotes. Nothing in it ends the word, and a backslash stays one.
    static func quoted(_ word: String) -> String { Escaping.nginx.quote(word) }

    /// The duration as nginx takes it: in seconds, or in milliseconds if it is no whole number of them.
    static func time(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        return attoseconds == 0 ? "\(seconds)s" : "\(seconds * 1000 + attoseconds / 1_000_000_000_000_000)ms"
    }

    /// Whether the text is free of control characters; newlines and tabs are allowed if `hasLines`.
    static func isPrintable(_ text: String, hasLines: Bool = false) -> Bool {
        !text.unicodeScalars.contains {
            $0.value < 0x20 && !(hasLines && [0x0A, 0x09].contains($0.value)) || $0.value == 0x7F
        }
    }

    /// The lines with an indentation; blank lines stay empty.
    static func indented(_ text: String, by columns: Int) -> String {
        let indentation = String(repeating: " ", count: columns)
        return text.lines.map { ($0.isEmpty ? "" : indentation + $0) + "\n" }.joined()
    }
}
