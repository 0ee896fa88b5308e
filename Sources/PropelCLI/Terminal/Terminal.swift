import Foundation

/// One of the program's output streams.
struct Terminal: Sendable {
    static let output = Terminal(descriptor: STDOUT_FILENO)
    static let error = Terminal(descriptor: STDERR_FILENO)

    let descriptor: Int32
    /// Whether a person looks at it.
    let isInteractive: Bool
    /// Whether it may be coloured: on a terminal, where NO_COLOR (no-color.org) is not set.
    let hasColor: Bool

    private init(descriptor: Int32) {
        self.descriptor = descriptor
        let environment = ProcessInfo.processInfo.environment
        let isTerminal = isatty(descriptor) == 1 && environment["TERM"] != "dumb"
        isInteractive = isTerminal
        hasColor = isTerminal && (environment["NO_COLOR"] ?? "").isEmpty
    }

    private init(plain descriptor: Int32) { (self.descriptor, isInteractive, hasColor) = (descriptor, false, false) }

    /// Standard output as a file sees it.
    static let plain = Terminal(plain: STDOUT_FILENO)

    func print(_ text: String) { write(text + "\n") }

    func write(_ text: String) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let written = bytes.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if written < 0 {
                guard errno == EINTR || errno == EAGAIN else { return }
            } else {
                bytes = bytes.dropFirst(written)
            }
        }
    }

    /// In characters; 80 where nobody tells.
    var width: Int {
        var size = winsize()
        return ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
    }

    func styled(_ text: String, _ style: Style) -> String {
        hasColor ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
    }
}

/// How something is set off from the rest (ECMA-48, SGR).
enum Style: String {
    case bold = "1"
    case faint = "2"
    case red = "31"
    case green = "32"
    case yellow = "33"
    case cyan = "36"
}

extension String {
    /// Without what a terminal would obey: a machine's output must not move the cursor or set the title.
    var printable: String {
        String(
            String.UnicodeScalarView(
                unicodeScalars.map { scalar in
                    switch scalar {
                    case "\n", "\t": scalar
                    case "\0"..<" ", "\u{7F}"..."\u{9F}", "\u{202A}"..."\u{202E}", "\u{2066}"..."\u{2069}": "\u{FFFD}"
                    default: scalar
                    }
                }))
    }

    /// The first line, cut to `width` characters.
    func clipped(to width: Int) -> String {
        let line = String(prefix { $0 != "\n" })
        return line.count <= width ? line : String(line.prefix(max(0, width - 1))) + "…"
    }

    func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
    func leftPadded(to width: Int) -> String { String(repeating: " ", count: max(0, width - count)) + self }
}
