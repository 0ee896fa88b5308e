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
        var lines: [UInt8] = []
        for file in files { addFingerprint(of: file, to: &lines) }
        for folder in folders { addFingerprints(in: folder, to: &lines) }
        return String(decoding: lines, as: UTF8.self)
    }

    /// The encrypted secrets and the keyring as they are now.
    func secrets() -> String {
        var lines: [UInt8] = []
        addFingerprints(in: PackageLayout.secrets, to: &lines)
        return String(decoding: lines, as: UTF8.self)
    }

    private func addFingerprint(of name: String, to lines: inout [UInt8]) {
        var status = stat()
        guard stat(layout.url(of: name).path, &status) == 0 else { return }
        status.addFingerprint(of: Array(name.utf8), to: &lines)
    }

    private func addFingerprints(in folder: String, to lines: inout [UInt8]) {
        Self.addFingerprints(of: layout.url(of: folder).path, named: Array(folder.utf8), to: &lines)
    }

    /// Adds a line for each file and folder below a folder. A link counts as what it points to; one to a folder is not
    /// followed.
    ///
    /// By readdir(3) and in bytes: the enumerator of Foundation and a string for each line take several times as long,
    /// and every run looks at all sources.
    private static func addFingerprints(of place: String, named folder: [UInt8], to lines: inout [UInt8]) {
        guard let directory = opendir(place) else { return }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        for name in names.sorted() {
            var status = stat()
            guard fstatat(dirfd(directory), name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { continue }
            let kind = status.st_mode & S_IFMT
            if kind == S_IFLNK, fstatat(dirfd(directory), name, &status, 0) != 0 { continue }
            let path = folder + [UInt8(ascii: "/")] + name.utf8
            status.addFingerprint(of: path, to: &lines)
            if kind == S_IFDIR { addFingerprints(of: "\(place)/\(name)", named: path, to: &lines) }
        }
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
    var fingerprint: String { fingerprintNumbers.map { String($0) }.joined(separator: " ") }

    private var fingerprintNumbers: [Int] {
        [Int(st_size), Int(st_ino), st_mtim.tv_sec, st_mtim.tv_nsec, st_ctim.tv_sec, st_ctim.tv_nsec]
    }

    fileprivate func addFingerprint(of path: [UInt8], to lines: inout [UInt8]) {
        lines += path
        for number in fingerprintNumbers {
            lines.append(UInt8(ascii: " "))
            lines += String(number).utf8
        }
        lines.append(UInt8(ascii: "\n"))
    }
}
