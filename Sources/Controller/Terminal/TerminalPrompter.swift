import Courier
import Foundation

/// Asks the person at the terminal, one question at a time, however many hosts have one.
actor TerminalPrompter: Prompter {
    nonisolated var isInteractive: Bool { Self.terminal != nil }

    /// Called before a question and after its answer: what is drawn on the screen must make room.
    private var pause: (@Sendable (Bool) -> Void)?

    // The terminal itself: standard input may be a file.
    private static let terminal: Int32? = {
        let descriptor = open("/dev/tty", O_RDWR | O_CLOEXEC)
        return descriptor >= 0 ? descriptor : nil
    }()

    func onQuestion(_ pause: @escaping @Sendable (Bool) -> Void) { self.pause = pause }

    func password(_ prompt: String) async throws -> String { try ask("\(prompt.printable) ", echo: false) }

    func confirm(_ question: String) async throws -> Bool {
        while true {
            switch try ask("\(question.printable) [yes/no] ", echo: true).lowercased() {
            case "y", "yes": return true
            case "n", "no": return false
            default: continue
            }
        }
    }

    private func ask(_ question: String, echo: Bool) throws -> String {
        guard let terminal = Self.terminal else {
            throw UsageError(description: "there is no terminal to ask at: \(question.printable)")
        }
        pause?(true)
        defer { pause?(false) }
        var saved = termios()
        let isSaved = tcgetattr(terminal, &saved) == 0
        if isSaved, !echo {
            var silent = saved
            silent.c_lflag &= ~tcflag_t(ECHO)
            silent.c_lflag |= tcflag_t(ECHONL)
            tcsetattr(terminal, TCSAFLUSH, &silent)
        }
        defer { if isSaved, !echo { tcsetattr(terminal, TCSAFLUSH, &saved) } }
        var asked = Array(question.utf8)
        _ = write(terminal, &asked, asked.count)
        var line: [UInt8] = []
        defer { for index in line.indices { line[index] = 0 } }
        var byte: UInt8 = 0
        while true {
            let count = read(terminal, &byte, 1)
            if count < 0, errno == EINTR { continue }
            guard count == 1 else { throw Interrupted() }
            if byte == 0x0A { break }
            line.append(byte)
        }
        return String(decoding: line, as: UTF8.self)
    }
}
