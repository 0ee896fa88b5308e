import Propel

/// A file of the keyring: one armored public key.
struct KeyFile: Equatable {
    var key: PublicKey
    var bytes: [UInt8]

    /// Reads a file that contains exactly one public key.
    /// - Parameters:
    ///   - path: for errors.
    ///   - context: of a home without the user's keys and options.
    init(reading bytes: [UInt8], path: String, by context: GnuPGContext) throws(SecretStoreError) {
        let keys: [(key: PublicKey, isSecret: Bool)]
        do throws(GnuPGError) {
            keys = try context.keys(in: bytes)
        } catch {
            throw .damagedKey(path, reason: error.words)
        }
        if keys.contains(where: \.isSecret) { throw .privateKey(path) }
        guard let key = keys.first?.key else { throw .damagedKey(path, reason: "it contains no key") }
        guard keys.count == 1 else { throw .damagedKey(path, reason: "it contains \(keys.count) keys") }
        self.key = key
        self.bytes = bytes
    }
}
