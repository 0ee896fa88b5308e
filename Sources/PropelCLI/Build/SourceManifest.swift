import Foundation
import Propel
import Subprocess
import SystemPackage

/// What the programs are made of, by content: the same on every machine that has the same sources.
struct SourceManifest: Equatable {
    /// A line for each file, as `sha256sum` prints it, in the order of their names.
    let lines: [String]
    /// SHA-256 of those lines, 64 digits in lower case.
    let fingerprint: String

    /// The manifest of a package. `Tests` are none of what a program is made of.
    /// - Throws: ``BuildError`` where a file cannot be read.
    static func of(_ root: URL) async throws -> SourceManifest {
        let lines = try await lines(
            of: ["Package.swift", "Package.resolved"].filter { exists($0, in: root) } + files(in: "Sources", of: root),
            in: root)
        return SourceManifest(lines: lines, fingerprint: SHA256.hash(Array(lines.joined(separator: "\n").utf8)))
    }

    /// The files of a folder of the package, by their paths in the package.
    static func files(in folder: String, of root: URL) -> [String] {
        // The folder may be a link.
        let place = root.appending(path: folder).resolvingSymlinksInPath()
        let files = FileManager.default.enumerator(atPath: place.path)
        var names: [String] = []
        while let file = files?.nextObject() as? String {
            if files?.fileAttributes?[.type] as? FileAttributeType == .typeRegular { names.append("\(folder)/\(file)") }
        }
        return names.sorted()
    }

    private static func exists(_ name: String, in root: URL) -> Bool {
        FileManager.default.fileExists(atPath: root.appending(path: name).path)
    }

    static func lines(of files: [String], in root: URL) async throws -> [String] {
        guard !files.isEmpty else { return [] }
        // sha256sum would write it another way, and each name is a line here.
        if let odd = files.first(where: { $0.contains { $0.isNewline || $0 == "\\" } }) {
            throw BuildError(
                description:
                    "\(odd.debugDescription) has a line end or a backslash in its name\nName it otherwise, or move it out of the package."
            )
        }
        let result = try await Subprocess.run(
            .name("sha256sum"), arguments: Arguments(["--"] + files), workingDirectory: FilePath(root.path),
            input: .none,
            output: .string(limit: 16 << 20), error: .string(limit: 1 << 16))
        guard result.terminationStatus.isSuccess else {
            throw BuildError(description: "the sources cannot be read: \(result.standardError)")
        }
        return result.standardOutput.split(separator: "\n").map(String.init)
    }
}
