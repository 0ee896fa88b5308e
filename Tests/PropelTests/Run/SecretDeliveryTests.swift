import PropelTesting
import Testing

@testable import Propel

@Suite struct SecretDeliveryTests {
    private let asked = Recorder()

    private func delivery() -> SecretDelivery { SecretDelivery { [asked] in asked.add($0.joined(separator: ",")) } }

    private func text(_ secret: SecretBytes?) -> String? {
        secret?.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    }

    private func bytes(_ text: String) throws -> SecretBytes { try SecretBytes(copying: Array(text.utf8)) }

    @Test func `all requested plaintexts are waited for`() async throws {
        let delivery = delivery()
        async let brought = delivery.request(["a", "b"])
        try await asked.wait()
        delivery.deliver(try bytes("stray"), as: "c")
        delivery.deliver(try bytes("1"), as: "a")
        delivery.deliver(try bytes("twice"), as: "a")
        delivery.deliver(try bytes("2"), as: "b")
        let secrets = try await brought
        #expect(secrets.mapValues(text) == ["a": "1", "b": "2"])
        #expect(asked.words == ["a,b"])
    }

    @Test func `a plaintext counts only for the request that waits for it`() async throws {
        let delivery = delivery()
        for round in 1...3 {
            delivery.deliver(try bytes("early"), as: "a")
            let waiting = Task { try await delivery.request(["a", "b"]) }
            try await asked.wait(for: round)
            #expect(delivery.awaited == ["a", "b"])
            delivery.deliver(try bytes("a\(round)"), as: "a")
            delivery.deliver(try bytes("b\(round)"), as: "b")
            let secrets = try await waiting.value
            #expect(secrets.mapValues(text) == ["a": "a\(round)", "b": "b\(round)"])
        }
    }

    @Test func `what has not arrived is open`() async throws {
        let delivery = delivery()
        #expect(delivery.awaited == [])
        async let brought = delivery.request(["b", "a"])
        try await asked.wait()
        #expect(delivery.awaited == ["a", "b"])
        delivery.deliver(try bytes("1"), as: "a")
        #expect(delivery.awaited == ["b"])
        delivery.deliver(try bytes("2"), as: "b")
        _ = try await brought
        #expect(delivery.awaited == [])
    }

    @Test func `the end of the connection ends this wait and all later ones`() async throws {
        let delivery = delivery()
        let waiting = Task { try await delivery.request(["a", "b"]) }
        try await asked.wait()
        delivery.deliver(try bytes("1"), as: "a")
        delivery.close()
        await #expect(throws: Failure.self) { try await waiting.value }
        await #expect(throws: Failure.self) { try await delivery.request(["a"]) }
        #expect(asked.words == ["a,b"])
    }

    @Test func `an interruption ends the wait`() async throws {
        let delivery = delivery()
        let waiting = Task { try await delivery.request(["a"]) }
        try await asked.wait()
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
    }
}
