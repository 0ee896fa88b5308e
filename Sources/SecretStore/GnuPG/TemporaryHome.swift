import CGPGME
import Foundation
import SystemPackage

/// A GnuPG home for one operation, without the user's keys and options. It is removed afterwards, and no agent is
/// started for it.
final class TemporaryHome {
    let path: FilePath

    /// - Throws: ``SecretStoreError/file(operation:path:reason:)``.
    init() throws(SecretStoreError) {
        let folder = FileManager.default.temporaryDirectory.path
        // mkdtemp(3): mode 0700.
        guard
            let made = "\(folder)/propel-gpg-XXXXXX".withCString({ template -> String? in
                guard let template = strdup(template) else { return nil }
                defer { free(template) }
                return mkdtemp(template).map { String(cString: $0) }
            })
        else {
            throw .systemCall(to: "create a temporary directory in", folder)
        }
        path = FilePath(made)
        try write(Array("no-autostart\nno-auto-key-retrieve\ndisable-dirmngr\n".utf8), to: "gpg.conf")
    }

    deinit {
        // gpg may still write its last file after the library has the result, which makes the removal fail.
        for _ in 0..<100 {
            try? FileManager.default.removeItem(atPath: path.string)
            guard access(path.string, F_OK) == 0 else { return }
            usleep(10_000)
        }
    }

    /// Writes a file into the home, and returns its path.
    @discardableResult
    func write(_ bytes: [UInt8], to name: String) throws(SecretStoreError) -> FilePath {
        let file = path.appending(name)
        do {
            try Data(bytes).write(to: URL(filePath: file.string))
        } catch {
            throw .file(operation: "write", path: file.string, reason: error.localizedDescription)
        }
        return file
    }

    func context(isArmored: Bool = false) throws(SecretStoreError) -> GnuPGContext {
        try GnuPGContext(home: self, isArmored: isArmored)
    }
}
