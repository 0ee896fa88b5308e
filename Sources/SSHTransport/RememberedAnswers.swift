import Synchronization

/// A prompter that remembers what the user has answered, so that another connection to the same machine can be made
/// without asking again.
///
/// Passwords are kept in locked memory, and wiped with the object.
public final class RememberedAnswers: Prompter {
    private let prompter: any Prompter
    private let passwords = Mutex<[String: Password]>([:])
    private let confirmed = Mutex<Set<String>>([])

    /// - Parameter prompter: asks the user.
    public init(of prompter: any Prompter) { self.prompter = prompter }

    public var isInteractive: Bool { prompter.isInteractive }

    public func password(_ prompt: String) async throws -> String {
        let answer = try await prompter.password(prompt)
        // After a wrong password the question is another one.
        passwords.withLock { $0[Self.question(in: prompt)] = Password(answer) }
        return answer
    }

    public func confirm(_ question: String) async throws -> Bool {
        let answer = try await prompter.confirm(question)
        if answer { _ = confirmed.withLock { $0.insert(question) } }
        return answer
    }

    /// The question without what a wrong answer has added to it.
    private static func question(in prompt: String) -> String {
        prompt.hasPrefix(Connection.wrongPassword) ? String(prompt.dropFirst(Connection.wrongPassword.count)) : prompt
    }

    /// A prompter for one more connection with the same rights. It repeats the answers. A question that is asked again
    /// after that, as for a code that is valid once, goes to the user; one that was never asked before is an error.
    public var repeated: any Prompter { Repeated(answers: self, asksNewQuestions: false) }

    /// A prompter for the connection that takes the place of a lost one. It repeats the answers like ``repeated``, and
    /// asks the user what was never asked before.
    public var continued: any Prompter { Repeated(answers: self, asksNewQuestions: true) }

    private final class Repeated: Prompter {
        let answers: RememberedAnswers
        let asksNewQuestions: Bool
        private let given = Mutex<Set<String>>([])

        init(answers: RememberedAnswers, asksNewQuestions: Bool) {
            self.answers = answers
            self.asksNewQuestions = asksNewQuestions
        }

        var isInteractive: Bool { answers.isInteractive }

        func password(_ prompt: String) async throws -> String {
            let question = RememberedAnswers.question(in: prompt)
            guard let known = answers.passwords.withLock({ $0[question] }) else {
                guard asksNewQuestions else { throw UnexpectedQuestion(question: question) }
                return try await answers.password(prompt)
            }
            guard given.withLock({ $0.insert(question).inserted }) else { return try await answers.password(prompt) }
            return known.withCString { String(cString: $0) }
        }

        func confirm(_ question: String) async throws -> Bool {
            if answers.confirmed.withLock({ $0.contains(question) }) { return true }
            guard asksNewQuestions else { throw UnexpectedQuestion(question: question) }
            return try await answers.confirm(question)
        }
    }
}

/// An error: a connection asks something that the one before it did not have to ask.
public struct UnexpectedQuestion: Error, Sendable, Equatable {
    public var question: String

    public init(question: String) { self.question = question }
}
