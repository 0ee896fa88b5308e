import Testing

@testable import SSHTransport

@Suite struct ConnectionPreparationTests {
    private let destination = Destination(host: "box.example", port: 2222, user: "ada", configurationFile: "none")

    @Test func `a preparation serves one connection to its destination`() async throws {
        let preparation = ConnectionPreparation(for: destination)
        var other = destination
        other.port = 2223
        #expect(try await preparation.configuration(for: other) == nil)
        #expect(try await preparation.configuration(for: destination)?.port == 2222)
        #expect(try await preparation.configuration(for: destination) == nil)
    }

    @Test func `an error is reported to the connection`() async throws {
        let wrong = Destination(host: "a b")
        let preparation = ConnectionPreparation(for: wrong)
        await #expect(throws: TransportError.self) { _ = try await preparation.configuration(for: wrong) }
    }
}
