import SSHTransport
import Foundation
import Propel
import Synchronization

/// Asks the person at the terminal, one question at a time, however many hosts have one.
///
/// A question whose task is cancelled is withdrawn. Ctrl-D at a question throws ``Interrupted``.
final class TerminalPrompter: Prompter {
    // The terminal itself: standard input may be a file.
    private static let terminal: Int32? = {
        let descriptor = open("/dev/tty", O_RDWR | O_CLOEXEC)
        return descriptor >= 0 ? descriptor : nil
    }()

    /// Waiting for a person blocks: in a task it would stop all the others on a machine with one core.
    private let questions = DispatchQueue(label: "questions")
    private let pause = Mutex<(@Sendable (Bool) -> Void)?>(nil)

    var isInteractive: Bool { Self.terminal != nil }

    /// Calls `pause` before a question and after its answer: what is drawn on the screen must make room.
    func onQuestion(_ pause: @escaping @Sendable (Bool) -> Void) { self.pause.withLock { $0 = pause } }

    /// Does something that may draw on the terminal by itself.
    func leavingTheScreen<Result>(_ body: () throws -> Result) rethrows -> Result {
        let pause = pause.withLock(\.self)
        pause?(true)
        defer { pause?(false) }
        return try body()
    }

    func password(_ prompt: String) async throws -> String {
        try await ask(prompt.printable, echo: false) { try $0.ask() }
    }

    /// Asks for a line that is shown while it is typed.
    func line(_ prompt: String) async throws -> String {
        try await ask(prompt.printable, echo: true) { try $0.ask() }
    }

    /// Asks for what must not stay in memory.
    func secret(_ prompt: String) async throws -> SecretBytes {
        try await ask(prompt.printable, echo: false) { try $0.askForSecret() }
    }

    func confirm(_ question: String) async throws -> Bool {
        while true {
            switch try await ask("\(question.printable) [yes/no]", echo: true, answer: { try $0.ask() }).lowercased() {
            case "y", "yes": return true
            case "n", "no": return false
            default: continue
            }
        }
    }

    private func ask<Answer: Sendable>(
        _ text: String, echo: Bool, answer: @escaping @Sendable (Question) throws -> Answer
    ) async throws -> Answer {
        guard let terminal = Self.terminal else {
            throw UsageError(description: "there is no terminal to ask at: \(text.printable)")
        }
        let question = try Question(text.trimmingCharacters(in: .whitespaces) + " ", echo: echo, at: terminal)
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
