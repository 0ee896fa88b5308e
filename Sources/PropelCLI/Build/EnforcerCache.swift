import Foundation
import SSHTransport
import SystemPackage
import Vocabulary

/// The enforcers for other architectures that were built or imported: `.build/enforcers/ARCHITECTURE/SOURCES/BUILDER`.
struct EnforcerCache {
    let folder: URL

    /// The number of versions of the sources that are kept for each architecture.
    private static let limit = 4

    init(root: URL) { folder = root.appending(path: ".build/enforcers") }

    private func place(_ architecture: Architecture, sources fingerprint: String, builder: String) -> URL {
        folder.appending(path: "\(architecture.rawValue)/\(fingerprint)/\(builder)")
    }

    /// The cached program; nil if there is none.
    func enforcer(
        for architecture: Architecture, sources fingerprint: String, builder: String
    ) throws -> Enforcer? {
        let file = place(architecture, sources: fingerprint, builder: builder).appending(path: "propel-enforce").path
        guard FileManager.default.fileExists(atPath: file) else { return nil }
        return try EnforcerFile(path: file).enforcer()
    }

    /// Caches a copy of a program, and removes those for the oldest sources.
    @discardableResult
    func keep(
        _ file: String, for architecture: Architecture, sources fingerprint: String, builder: String
    ) throws -> Enforcer {
        try EnforcerFile(path: file).verify(for: architecture)
        let folder = place(architecture, sources: fingerprint, builder: builder)
        let kept = folder.appending(path: "propel-enforce"), new = folder.appending(path: ".propel-enforce.\(getpid())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: new) }
        try? FileManager.default.removeItem(at: new)
        try FileManager.default.copyItem(at: URL(filePath: file).resolvingSymlinksInPath(), to: new)
        // The file may have changed since it was verified; the copy counts.
        try EnforcerFile(path: new.path).verify(for: architecture)
        guard chmod(new.path, 0o755) == 0 else {
            throw BuildError(description: "\(new.path) cannot be made executable: \(String(cString: strerror(errno)))")
        }
        // Under its name it counts as complete, after a power cut too.
        try FilePath(new.path).sync()
        guard rename(new.path, kept.path) == 0 else {
            throw BuildError(description: "\(kept.path) cannot be written: \(String(cString: strerror(errno)))")
        }
        try FilePath(folder.path).sync()
        FileManager.default.prune(
            self.folder.appending(path: architecture.rawValue), toNewest: Self.limit - 1, besides: fingerprint)
        return try EnforcerFile(path: kept.path).enforcer()
    }

    // MARK: The sources

    /// The fingerprint of the sources as they are now. It is cached with what stat(2) says of them, since reading
    /// them all takes a while.
    func fingerprint(of root: URL) throws -> String {
        let record = folder.appending(path: "sources")
        let state = state(of: root)
        if let known = try? String(contentsOf: record, encoding: .utf8), known.hasSuffix("\n" + state),
            known.prefix(64).allSatisfy(\.isHexDigit)
        {
            return String(known.prefix(64))
        }
        let fingerprint = try SourceManifest.of(root).fingerprint
        guard state == self.state(of: root) else {
            throw BuildError(description: "the sources changed while they were read\nRun again.")
        }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try "\(fingerprint)\n\(state)".write(to: record, atomically: true, encoding: .utf8)
        return fingerprint
    }

    private func state(of root: URL) -> String { Freshness(root: root).sources() }
}
