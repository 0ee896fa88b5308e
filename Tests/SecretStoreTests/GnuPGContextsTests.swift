import Testing

@testable import SecretStore

extension WithGnuPG {
    /// Contexts are used again, since each new one costs a process of gpg.
    @Suite struct GnuPGContextsTests {
        private final class Maker {
            var made: [GnuPGContext] = []

            func contexts(_ home: TemporaryHome) -> GnuPGContexts {
                GnuPGContexts { () throws(SecretStoreError) in
                    let context = try home.context()
                    self.made.append(context)
                    return context
                }
            }
        }

        @Test func `one operation after the other takes one context`() throws {
            let maker = Maker(), contexts = maker.contexts(try TemporaryHome())
            for _ in 0..<3 {
                try contexts.withContext { (context) throws(SecretStoreError) in #expect(context === maker.made[0]) }
            }
            #expect(maker.made.count == 1)
        }

        @Test func `two operations at a time never share a context`() throws {
            let maker = Maker(), contexts = maker.contexts(try TemporaryHome())
            try contexts.withContext { (outer) throws(SecretStoreError) in
                try contexts.withContext { (inner) throws(SecretStoreError) in #expect(outer !== inner) }
            }
            #expect(maker.made.count == 2)
        }

        @Test func `a context is used again after an operation that failed`() throws {
            let maker = Maker(), contexts = maker.contexts(try TemporaryHome())
            #expect(throws: SecretStoreError.self) {
                try contexts.withContext { (_) throws(SecretStoreError) -> Void in
                    throw SecretStoreError.gnupg(operation: "test", reason: "none")
                }
            }
            let keys = try contexts.withContext { (context) throws(SecretStoreError) -> [PublicKey] in
                try context.keys(matching: "nobody")
            }
            #expect(keys.isEmpty && maker.made.count == 1)
        }
    }
}
