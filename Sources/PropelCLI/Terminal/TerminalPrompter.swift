import SSHTransport
import Foundation
import Propel
import Synchronization

/// Asks the user at the terminal, one question at a time for all hosts.
///
/// Cancelling the task withdraws the question. Ctrl-D at a question throws ``Interrupted``.
final class TerminalPrompter: Prompter {
    // Not standard input, which may be a file.
    private static let terminal: Int32? = {
        let descriptor = open("/dev/tty", O_RDWR | O_CLOEXEC)
        return descriptor >= 0 ? descriptor : nil
    }()

    /// Waiting for an answer blocks its thread: in a task it would block all others on a machine with one core.
    private let questions = DispatchQueue(label: "questions")
    private let pause = Mutex<(@Sendable (Bool) -> Void)?>(nil)
    /// The number of questions that are open or wait for their turn.
    private let pending = Mutex(0)

    var isInteractive: Bool { Self.terminal != nil }
    /// Whether there is a terminal, and nothing is asked there now.
    var isFree: Bool { isInteractive && pending.withLock { $0 == 0 } }

    /// Calls `pause` with true before a question and with false after it, so that live lines make room.
    func onQuestion(_ pause: @escaping @Sendable (Bool) -> Void) { self.pause.withLock { $0 = pause } }

    /// Calls `body`, which may draw on the terminal, while live lines are cleared.
    func leavingTheScreen<Result>(_ body: () throws -> Result) rethrows -> Result {
        let pause = pause.withLock(\.self)
        pending.withLock { $0 += 1 }
        pause?(true)
        defer {
            pause?(false)
            pending.withLock { $0 -= 1 }
        }
        return try body()
    }

    func password(_ prompt: String) async throws -> String {
        try await ask(prompt.printable, echo: false) { try $0.ask() }
    }

    /// Asks for a line that is shown while it is typed.
    func line(_ prompt: String) async throws -> String {
        try await ask(prompt.printable, echo: true) { try $0.ask() }
    }

    /// Asks for a value that is kept in locked memory.
    func secret(_ prompt: String) async throws -> SecretBytes {
        try await ask(prompt.printable, echo: false) { try $0.askForSecret() }
    }

    func confirm(_ question: String) async throws -> Bool {
        while true {
            let answer = try await ask(question.printable, choices: " [yes/no]", echo: true) { try $0.ask() }
            switch answer.lowercased() {
            case "y", "yes": return true
            case "n", "no": return false
            default: continue
            }
        }
    }

    /// Asks for one of several words. Its first letters are enough.
    func choose(_ question: String, _ choices: [String]) async throws -> String {
        while true {
            let answer = try await ask(
                question.printable, choices: " [\(choices.joined(separator: "/"))]", echo: true
            ) { try $0.ask() }.trimmingCharacters(in: .whitespaces).lowercased()
            if !answer.isEmpty, let choice = choices.first(where: { $0.hasPrefix(answer) }) { return choice }
        }
    }

    /// Asks a question that only yes lets pass.
    /// - Parameters:
    ///   - question: the question.
    ///   - unasked: the message if there is no terminal.
    ///   - refused: the message if the answer is no.
    /// - Throws: ``UsageError`` with one of the messages.
    func requireYes(to question: String, unasked: String, refused: String) async throws {
        guard isInteractive else { throw UsageError(description: unasked) }
        guard try await confirm(question) else { throw UsageError(description: refused) }
    }

    private func ask<Answer: Sendable>(
        _ text: String, choices: String = "", echo: Bool, answer: @escaping @Sendable (Question) throws -> Answer
    ) async throws -> Answer {
        let text = text.trimmingCharacters(in: .whitespaces)
        guard let terminal = Self.terminal else {
            throw UsageError(description: "no terminal to ask at: \(text)")
        }
        let question = try Question("\(text)\(choices) ", echo: echo, at: terminal)
        pending.withLock { $0 += 1 }
        defer { pending.withLock { $0 -= 1 } }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                questions.async { [self] in
                    let pause = pause.withLock(\.self)
                    pause?(true)
                    defer { pause?(false) }
                    continuation.resume(with: Result { try answer(question) })
                }
            }
        } onCancel: {
            question.withdraw()
        }
    }
}
