import Foundation
import Propel

/// The sources that the programs are built from, by content: the same on every computer that has the same sources.
struct SourceManifest: Equatable {
    /// A line for each file, as `sha256sum` prints it.
    let lines: [String]
    /// The SHA-256 of those lines: 64 lowercase hexadecimal digits.
    let fingerprint: String

    /// Makes the manifest of a configuration, with the packages that it depends on by path. `Tests` are not part of a
    /// program.
    /// - Throws: ``BuildError`` if a file cannot be read.
    static func of(_ root: URL) throws -> SourceManifest {
        var files = [PackageLayout.manifest, PackageLayout.resolvedVersions].filter { exists($0, in: root) }
        files += self.files(in: PackageLayout.sources, of: root)
        for package in PackageLayout(root: root).localPackages {
            files += ["\(package)/\(PackageLayout.manifest)"]
            files += self.files(in: "\(package)/\(PackageLayout.sources)", of: root)
        }
        let lines = try lines(of: files, in: root)
        return SourceManifest(lines: lines, fingerprint: SHA256.hash(Array(lines.joined(separator: "\n").utf8)))
    }

    /// The files of a folder of the package, by their paths in the package. Links to files count, links to folders do
    /// not.
    static func files(in folder: String, of root: URL) -> [String] {
        // The folder itself may be a link.
        let place = PackageLayout(root: root).url(of: folder).resolvingSymlinksInPath()
        let files = FileManager.default.enumerator(atPath: place.path)
        var names: [String] = []
        while let file = files?.nextObject() as? String {
            // The results of a package in this folder.
            if file.hasSuffix("/.build") || file == ".build" { files?.skipDescendants() }
            if isFile(place.appending(path: file)) { names.append("\(folder)/\(file)") }
        }
        return names.sorted()
    }

    private static func isFile(_ place: URL) -> Bool {
        var status = stat()
        return stat(place.path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    private static func exists(_ name: String, in root: URL) -> Bool {
        FileManager.default.fileExists(atPath: root.appending(path: name).path)
    }

    /// - Throws: ``BuildError`` if a file cannot be read, or has a name that `sha256sum` would escape.
    static func lines(of files: [String], in root: URL) throws -> [String] {
        if let odd = files.first(where: { $0.contains(anyOf: "\n\r\\") }) {
            throw BuildError(
                description: """
                    the file name \(odd.debugDescription) has a newline or a backslash
                    Rename it, or move it out of the package.
                    """)
        }
        let layout = PackageLayout(root: root)
        return try files.map { "\(try sha256(of: layout.url(of: $0).path))  \($0)" }
    }

    /// The SHA-256 of a file: 64 lowercase hexadecimal digits.
    /// - Throws: ``BuildError`` if it cannot be read.
    static func sha256(of path: String) throws -> String {
        do {
            let data = try Data(contentsOf: URL(filePath: path), options: .mappedIfSafe)
            return data.withUnsafeBytes { SHA256.hash($0) }
        } catch {
            throw BuildError(description: "\(path) cannot be read: \(error.localizedDescription)")
        }
    }
}
