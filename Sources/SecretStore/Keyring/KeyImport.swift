import CGPGME
import Foundation

/// The source of a public key to add to a keyring.
public struct KeySource: Sendable {
    let bytes: [UInt8]
    let name: String

    /// Reads a file with one public key, armored or binary.
    /// - Throws: ``SecretStoreError/file(operation:path:reason:)``.
    public init(file path: String) throws(SecretStoreError) {
        do {
            bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
        } catch {
            throw .file(
                operation: "read", path: path,
                reason: (error as NSError).localizedFailureReason ?? error.localizedDescription)
        }
        name = path
    }

    /// Exports the key of the user's GnuPG home that `pattern` matches: a fingerprint, a key ID, a mail address, or
    /// another form from HOW TO SPECIFY A USER ID in gpg(1).
    ///
    /// - Parameter gpgHome: nil: GnuPG's default.
    /// - Throws: ``SecretStoreError/noSuchKey(_:place:)``, ``SecretStoreError/ambiguousKey(_:_:)``.
    public init(_ pattern: String, gpgHome: String?) throws(SecretStoreError) {
        let context = try GnuPGContext(home: gpgHome.map { .init($0) })
        let found = try context.keys(matching: pattern)
        guard let key = found.first else { throw .noSuchKey(pattern, place: "your GnuPG home") }
        guard found.count == 1 else { throw .ambiguousKey(pattern, found) }
        bytes = try context.export(key.fingerprint)
        name = pattern
    }
}

extension KeySource {
    /// The key in the form of a keyring: armored, and without signatures of other keys.
    ///
    /// - Parameter present: the keyring's files. If one is of the same key, it is merged: a revocation stays even if
    ///   the added copy of the key is older.
    func keyFile(over present: [KeyFile], in home: TemporaryHome) throws(SecretStoreError) -> KeyFile {
        let context = try home.context(isArmored: true)
        let read = try KeyFile(reading: bytes, path: name, by: context)
        for bytes in [bytes] + present.filter({ $0.key.fingerprint == read.key.fingerprint }).map(\.bytes) {
            do throws(GnuPGError) {
                try context.importKey(bytes)
            } catch {
                throw .damagedKey(name, reason: error.words)
            }
        }
        return try KeyFile(reading: try context.export(read.key.fingerprint), path: name, by: context)
    }
}

extension GnuPGContext {
    func importKey(_ bytes: [UInt8]) throws(GnuPGError) {
        try GnuPGData(bytes).withHandle { (data) throws(GnuPGError) in try attempt { gpgme_op_import($0, data) } }
    }

    /// Imports the keys of a keyring.
    func importKeys(of files: [KeyFile]) throws(SecretStoreError) {
        for file in files {
            do throws(GnuPGError) {
                try importKey(file.bytes)
            } catch {
                throw .gnupg(operation: "read the key \(file.key.fingerprint)", reason: error.words)
            }
        }
    }

    fileprivate func export(_ fingerprint: String) throws(SecretStoreError) -> [UInt8] {
        let output = GnuPGData()
        let mode = gpgme_export_mode_t(GPGME_EXPORT_MODE_MINIMAL)
        do throws(GnuPGError) {
            try output.withHandle { (output) throws(GnuPGError) in
                try attempt { gpgme_op_export($0, fingerprint, mode, output) }
            }
        } catch {
            throw .gnupg(operation: "export the key \(fingerprint)", reason: error.words)
        }
        return output.bytes
    }
}
