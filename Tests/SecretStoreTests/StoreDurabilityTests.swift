import DiskCalls
import Testing

@testable import SecretStore

extension WithGnuPG {
    @Suite struct StoreDurabilityTests {
        @Test func `a new store that cannot be synced is an error`() async throws {
            try await Playground.run { playground in
                let anna = try await playground.person("anna", .ed25519)
                try await anna.join()
                try anna.put("x", "a")
                let folder = playground.configuration.path
                let calls = await DiskCalls.observe(below: folder) {
                    _ = try? anna.store.keyring.reencrypt(passphrase: .agent)
                }
                #expect(calls.last == "sync \(folder)", "the exchange of the folders is synced at the end")
                #expect(calls.contains { $0.hasPrefix("sync \(folder)/.secrets.propel/all/.a.gpg.propel ") })
                let before = calls.count { $0 == "sync \(folder)" } - 1
                await #expect(throws: SecretStoreError.self) {
                    _ = try await DiskCalls.observe(below: folder, failing: folder, after: before) {
                        try anna.store.keyring.reencrypt(passphrase: .agent)
                    }
                }
                #expect(try anna.text(try #require(try anna.store.secrets().first)) == "x")
            }
        }
    }
}
