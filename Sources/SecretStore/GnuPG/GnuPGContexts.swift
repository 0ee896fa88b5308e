import Foundation

/// Contexts of one GnuPG home that are used again, by one thread at a time each.
///
/// For each new context with a home libgpgme starts `gpg --version`, which takes half as long as decrypting a secret.
final class GnuPGContexts {
    private let make: () throws(SecretStoreError) -> GnuPGContext
    private let lock = NSLock()
    /// The contexts that nobody uses now. Behind the lock.
    private var idle: [GnuPGContext] = []

    /// - Parameter make: makes a context. May be called by several threads.
    init(_ make: @escaping () throws(SecretStoreError) -> GnuPGContext) { self.make = make }

    /// Calls `body` with a context that nobody else uses.
    func withContext<Result>(
        _ body: (GnuPGContext) throws(SecretStoreError) -> Result
    ) throws(SecretStoreError) -> Result {
        let context: GnuPGContext
        if let last = lock.withLock({ idle.popLast() }) { context = last } else { context = try make() }
        defer { lock.withLock { idle.append(context) } }
        return try body(context)
    }
}
