import Foundation

/// Tells whether the programs were built from the sources as they are now.
///
/// `swift build` takes a second to find that nothing has changed. Comparing what stat(2) says of the sources with
/// what it said at the last build takes a millisecond or two.
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
    func secrets() -> String { fingerprints(in: "secrets").sorted().joined(separator: "\n") }

    private func fingerprints(in folder: String) -> [String] {
        var lines: [String] = []
        let files = FileManager.default.enumerator(atPath: layout.url(of: folder).resolvingSymlinksInPath().path)
        while let file = files?.nextObject() as? String {
            lines += [fingerprint(of: "\(folder)/\(file)")].compactMap(\.self)
        }
        return lines
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
