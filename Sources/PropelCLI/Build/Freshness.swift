import Foundation

/// Tells whether the programs were built from the sources as they are now.
///
/// `swift build` takes a second to find that nothing has changed. Comparing what stat(2) says of a thousand sources
/// with what it said at the last build takes a few milliseconds.
struct Freshness {
    let root: URL

    private var layout: PackageLayout { PackageLayout(root: root) }
    private var record: URL { layout.buildFolder.appending(path: "propel-sources") }

    /// The sources as they are now: those of the configuration and of the packages that it depends on by path.
    func sources() -> String {
        let packages = layout.localPackages
        let files =
            [PackageLayout.manifest, PackageLayout.resolvedVersions]
            + packages.map { "\($0)/\(PackageLayout.manifest)" }
        let folders = [PackageLayout.sources] + packages.map { "\($0)/\(PackageLayout.sources)" }
        return (files.compactMap(fingerprint) + folders.flatMap(fingerprints)).sorted().joined(separator: "\n")
    }

    /// The encrypted secrets and the keyring as they are now.
    func secrets() -> String { fingerprints(in: PackageLayout.secrets).sorted().joined(separator: "\n") }

    private func fingerprints(in folder: String) -> [String] {
        var lines: [String] = []
        Self.addFingerprints(of: layout.url(of: folder).path, named: folder, to: &lines)
        return lines
    }

    /// Adds a line for each file and folder below a folder. A link counts as what it points to; one to a folder is not
    /// followed.
    ///
    /// By readdir(3), since the enumerator of Foundation takes several times as long, and every run compares the
    /// sources twice.
    private static func addFingerprints(of place: String, named folder: String, to lines: inout [String]) {
        guard let directory = opendir(place) else { return }
        defer { closedir(directory) }
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name == "." || name == ".." { continue }
            var status = stat()
            guard fstatat(dirfd(directory), name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { continue }
            let kind = status.st_mode & S_IFMT
            if kind == S_IFLNK, fstatat(dirfd(directory), name, &status, 0) != 0 { continue }
            lines.append("\(folder)/\(name) \(status.fingerprint)")
            if kind == S_IFDIR { addFingerprints(of: "\(place)/\(name)", named: "\(folder)/\(name)", to: &lines) }
        }
    }

    private func fingerprint(of name: String) -> String? {
        var status = stat()
        return stat(layout.url(of: name).path, &status) == 0 ? "\(name) \(status.fingerprint)" : nil
    }

    /// The sources that the programs were built from; nil if that is unknown, as after a build by hand.
    var builtFrom: String? { try? String(contentsOf: record, encoding: .utf8) }

    func isFresh(_ sources: String) -> Bool { builtFrom == sources }

    func remember(_ sources: String) throws { try sources.write(to: record, atomically: true, encoding: .utf8) }
}

extension stat {
    /// Changes whenever the content of the file changes.
    ///
    /// Size and modification time alone would miss a second replacement within one tick of the clock, and one that
    /// keeps the time (`cp -p`).
    var fingerprint: String {
        "\(st_size) \(st_ino) \(st_mtim.tv_sec).\(st_mtim.tv_nsec) \(st_ctim.tv_sec).\(st_ctim.tv_nsec)"
    }
}
