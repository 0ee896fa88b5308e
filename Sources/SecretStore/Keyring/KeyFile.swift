import Propel

/// A file of the keyring: one armored public key.
struct KeyFile: Equatable {
    var key: PublicKey
    var bytes: [UInt8]

    /// Reads a file that contains exactly one public key.
    /// - Parameter path: for errors.
    init(reading bytes: [UInt8], path: String, in home: TemporaryHome) throws(SecretStoreError) {
        let keys: [(key: PublicKey, isSecret: Bool)]
        do {
            keys = try home.context().keys(in: bytes)
        } catch let error as SecretStoreError {
            throw error
        } catch {
            throw .damagedKey(path, reason: (error as? GnuPGError)?.words ?? "\(error)")
        }
        if keys.contains(where: \.isSecret) { throw .privateKey(path) }
        guard let key = keys.first?.key else { throw .damagedKey(path, reason: "it contains no key") }
        guard keys.count == 1 else { throw .damagedKey(path, reason: "it contains \(keys.count) keys") }
        self.key = key
        self.bytes = bytes
    }
}
