import Foundation

/// An output stream of the program.
struct Terminal: Sendable {
    static let output = Terminal(descriptor: STDOUT_FILENO)
    static let error = Terminal(descriptor: STDERR_FILENO)

    let descriptor: Int32
    /// Whether it is a terminal that can move its cursor. `TERM=dumb`, as in Emacs, cannot.
    let isInteractive: Bool
    /// Whether it shows colours: an interactive terminal, unless NO_COLOR is set (no-color.org).
    let hasColor: Bool

    init(descriptor: Int32) {
        self.descriptor = descriptor
        let environment = ProcessInfo.processInfo.environment
        (isInteractive, hasColor) = Self.features(isTerminal: isatty(descriptor) == 1, environment)
    }

    /// Whether what is or is not a terminal can move its cursor, and shows colours.
    static func features(isTerminal: Bool, _ environment: [String: String]) -> (isInteractive: Bool, hasColor: Bool) {
        let isInteractive = isTerminal && !["", "dumb"].contains(environment["TERM"] ?? "")
        return (isInteractive, isInteractive && (environment["NO_COLOR"] ?? "").isEmpty)
    }

    func print(_ text: String) { write(text + "\n") }

    /// Prints a warning, whose control characters are escaped.
    func warn(_ text: String) { print("warning: \(text.printable)") }

    func print(_ lines: [StyledLine]) {
        for line in lines.flatMap({ $0.wrapped(to: lineWidth) }) { print(line.text(isColored: hasColor)) }
    }

    func write(_ text: String) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let written = bytes.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if written < 0 {
                guard errno == EINTR || errno == EAGAIN else { return }
                // A full pipe whose other end has made it non-blocking.
                var stream = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                if errno == EAGAIN { poll(&stream, 1, 1000) }
            } else {
                bytes = bytes.dropFirst(written)
            }
        }
    }

    /// The size in columns and rows; 80 by 24 if the terminal does not tell.
    var size: (width: Int, height: Int) {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else { return (80, 24) }
        return (Int(size.ws_col), Int(size.ws_row))
    }

    /// The width at which lines are wrapped; nil for a file or a pipe, where lines stay whole.
    var lineWidth: Int? { isInteractive ? size.width : nil }
}

/// A rendition of text (ECMA-48, SGR).
enum Style: String {
    case bold = "1"
    case faint = "2"
    case red = "31"
    case green = "32"
    case yellow = "33"
    case cyan = "36"
}
