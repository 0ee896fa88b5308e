import Vocabulary
import SSHTransport
import Foundation
import SystemPackage

/// The programs for other processors that were built or imported, by processor, sources and builder: `.build/enforcers`.
struct EnforcerCache {
    let folder: URL

    /// How many sources' programs are kept for a processor.
    private static let limit = 4

    init(root: URL) { folder = root.appending(path: ".build/enforcers") }

    private func place(_ architecture: Architecture, sources fingerprint: String, builder: String) -> URL {
        folder.appending(path: "\(architecture.rawValue)/\(fingerprint)/\(builder)")
    }

    /// The program that was kept; nil where there is none.
    func enforcer(
        for architecture: Architecture, sources fingerprint: String, builder: String
    ) async throws -> Enforcer? {
        let file = place(architecture, sources: fingerprint, builder: builder).appending(path: "propel-enforce").path
        guard FileManager.default.fileExists(atPath: file) else { return nil }
        return try await EnforcerFile(path: file).enforcer()
    }

    /// Keeps a copy of a program, and lets go of those for the oldest sources.
    @discardableResult
    func keep(
        _ file: String, for architecture: Architecture, sources fingerprint: String, builder: String
    ) async throws -> Enforcer {
        try EnforcerFile(path: file).verify(for: architecture)
        let place = place(architecture, sources: fingerprint, builder: builder)
        let kept = place.appending(path: "propel-enforce"), new = place.appending(path: ".propel-enforce.\(getpid())")
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: new) }
        try? FileManager.default.removeItem(at: new)
        try FileManager.default.copyItem(at: URL(filePath: file).resolvingSymlinksInPath(), to: new)
        // The copy is what was looked at, whatever has become of the file meanwhile.
        try EnforcerFile(path: new.path).verify(for: architecture)
        guard chmod(new.path, 0o755) == 0 else {
            throw BuildError(description: "\(new.path) cannot be made executable: \(String(cString: strerror(errno)))")
        }
        // What has its name counts as whole from now on, also after a power cut.
        try FilePath(new.path).sync()
        guard rename(new.path, kept.path) == 0 else {
            throw BuildError(description: "\(kept.path) cannot be written: \(String(cString: strerror(errno)))")
        }
        try FilePath(place.path).sync()
        prune(architecture, except: fingerprint)
        return try await EnforcerFile(path: kept.path).enforcer()
    }

    private func prune(_ architecture: Architecture, except present: String) {
        let parent = folder.appending(path: architecture.rawValue)
        let all =
            (try? FileManager.default.contentsOfDirectory(
                at: parent, includingPropertiesForKeys: [.contentModificationDateKey])) ?? []
        func date(_ url: URL) -> Date {
            (try? url.resourceValues(forKeys: [.contentModificationDateKey]).contentModificationDate) ?? .distantPast
        }
        for old in all.filter({ $0.lastPathComponent != present }).sorted(by: { date($0) > date($1) }).dropFirst(
            Self.limit - 1)
        {
            try? FileManager.default.removeItem(at: old)
        }
    }

    // MARK: The sources

    /// The fingerprint of the sources as they are now. Reading them all takes a while, so it is kept with what stat(2) told of them.
    func fingerprint(of root: URL) async throws -> String {
        let record = folder.appending(path: "sources")
        let state = state(of: root)
        if let known = try? String(contentsOf: record, encoding: .utf8), known.hasSuffix("\n" + state),
            known.prefix(64).allSatisfy(\.isHexDigit)
        {
            return String(known.prefix(64))
        }
        let fingerprint = try await SourceManifest.of(root).fingerprint
        guard state == self.state(of: root) else {
            throw BuildError(description: "the sources changed while they were read\nRun again.")
        }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try "\(fingerprint)\n\(state)".write(to: record, atomically: true, encoding: .utf8)
        return fingerprint
    }

    private func state(of root: URL) -> String {
        var status = stat()
        let versions = stat(root.appending(path: "Package.resolved").path, &status) == 0 ? status.fingerprint : "none"
        return "Package.resolved \(versions)\n" + Freshness(root: root).sources()
    }
}
