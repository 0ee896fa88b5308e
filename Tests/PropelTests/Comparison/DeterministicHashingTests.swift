import Propel
import Testing

@Suite struct DeterministicHashingTests {
    private static let words = Set((0..<64).map { "word \($0)" })

    /// A role is evaluated in another process each time.
    @Test func `a set has the same order in every process`() async throws {
        let result = try #require(
            await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) {
                print("order:", DeterministicHashingTests.words.joined(separator: ","))
            })
        let output = String(decoding: result.standardOutputContent, as: UTF8.self)
        #expect(output.contains("order: " + Self.words.joined(separator: ",")), "\(output)")
    }
}
