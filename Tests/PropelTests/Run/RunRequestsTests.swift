import Testing

@testable import Propel

@Suite struct RunRequestsTests {
    /// Without a socket only the connection that began the run can be asked.
    @Test func `the end of the only connection ends all that is waited for`() async {
        let requests = RunRequests(
            secrets: SecretDelivery { _ in }, contents: ContentDelivery { _ in },
            confirmation: ConfirmationDelivery { _ in },
            wave: WaveDelivery(interval: .milliseconds(1)))
        async let reason = requests.wave.wait()
        while requests.open != [.ready] { await Task.yield() }
        requests.close()
        #expect(await reason == "the connection was lost before it was decided about its wave")
        #expect(requests.open == [])
        await #expect(throws: Failure.self) { try await requests.secrets.request(["a"]) }
        let range = ContentRange(hash: SHA256.hash([1]), offset: 0, size: 1)
        await #expect(throws: Failure.self) { try await requests.contents.fetch([range]) { _, _ in } }
    }
}
