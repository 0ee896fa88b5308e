import Foundation
import SSHTransport

/// Copies of the enforcers that machines have started, each named by its SHA-256: `.build/enforcers/used`. A machine
/// that has one of them is sent the difference to it.
///
/// Nothing depends on them: without a copy, or with a wrong one, an enforcer is sent as a whole. So errors are ignored.
struct UsedEnforcers: Sendable {
    private let folder: URL

    /// The number of copies that are kept: those that were used last.
    static let limit = 8

    init(root: URL) { folder = root.appending(path: ".build/enforcers/used") }

    /// The copy of an enforcer; nil if there is none.
    /// - Parameter hash: 64 hexadecimal digits.
    func file(of hash: String) -> String? {
        let path = folder.appending(path: hash).path
        return FileManager.default.fileExists(atPath: path) ? path : nil
    }

    /// Copies an enforcer, or notes that it is still used.
    func keep(_ enforcer: Enforcer) {
        let files = FileManager.default
        if let kept = file(of: enforcer.sha256) {
            try? files.setAttributes([.modificationDate: Date()], ofItemAtPath: kept)
            return
        }
        let new = folder.appending(path: ".new.\(getpid())")
        try? files.createDirectory(at: folder, withIntermediateDirectories: true)
        try? files.removeItem(at: new)
        defer { try? files.removeItem(at: new) }
        // A build may have replaced the file since.
        guard (try? files.copyItem(at: URL(filePath: enforcer.file), to: new)) != nil,
            (try? EnforcerFile(path: new.path).sha256()) == enforcer.sha256,
            rename(new.path, folder.appending(path: enforcer.sha256).path) == 0
        else { return }
        try? files.setAttributes(
            [.modificationDate: Date()], ofItemAtPath: folder.appending(path: enforcer.sha256).path)
        // A copy that was cut counts like the others, until it is too old.
        files.prune(folder, toNewest: Self.limit)
    }
}
