import Testing

@testable import SSHTransport

/// A second connection is not asked about again, and not helped to more than the first.
@Suite struct RememberedAnswersTests {
    @Test func `an answer is repeated without a question`() async throws {
        let person = Person(passwords: ["first", "second"], says: true)
        let answers = RememberedAnswers(of: person)
        #expect(try await answers.password("Password of a@b for sudo: ") == "first")
        #expect(try await answers.password("Wrong password. Password of a@b for sudo: ") == "second")
        #expect(try await answers.confirm("Is this the right machine?"))
        let repeated = answers.repeated
        #expect(try await repeated.password("Password of a@b for sudo: ") == "second")
        #expect(try await repeated.confirm("Is this the right machine?"))
        #expect(person.asked.count == 3)
    }

    @Test func `a question that was not asked before is an error`() async throws {
        let person = Person(passwords: ["first", "other"], says: true)
        let answers = RememberedAnswers(of: person)
        _ = try await answers.password("Password of a@b: ")
        let question = "Password of a@b for sudo: "
        await #expect(throws: UnexpectedQuestion(question: question)) { try await answers.repeated.password(question) }
        await #expect(throws: UnexpectedQuestion(question: "Is it?")) { try await answers.repeated.confirm("Is it?") }
        #expect(person.asked.count == 1)
    }

    @Test func `a connection in place of a lost one repeats answers, and asks what is new`() async throws {
        let person = Person(passwords: ["first", "other"], says: true)
        let answers = RememberedAnswers(of: person)
        _ = try await answers.password("Password of a@b: ")
        let continued = answers.continued
        #expect(try await continued.password("Password of a@b: ") == "first")
        #expect(person.asked.count == 1)
        #expect(try await continued.password("Password of a@b for sudo: ") == "other")
        #expect(try await continued.confirm("Is it?"))
        #expect(person.asked.count == 3)
    }

    @Test func `a code that is valid once is asked for again`() async throws {
        let person = Person(passwords: ["111", "222"])
        let answers = RememberedAnswers(of: person)
        _ = try await answers.password("a@b Code: ")
        let repeated = answers.repeated
        #expect(try await repeated.password("a@b Code: ") == "111")
        #expect(try await repeated.password("a@b Code: ") == "222", "the machine has refused the first")
        #expect(try await answers.repeated.password("a@b Code: ") == "222")
    }

    @Test func `a host key that was not accepted is not accepted later`() async throws {
        let answers = RememberedAnswers(of: Person(says: false))
        #expect(try await !answers.confirm("Is it?"))
        await #expect(throws: UnexpectedQuestion.self) { try await answers.repeated.confirm("Is it?") }
    }

    @Test func `without a terminal nobody is asked`() async {
        #expect(!RememberedAnswers(of: Nobody()).repeated.isInteractive)
    }
}
