import PlainText
import Foundation
import Subprocess
import SystemPackage

/// The way a new configuration depends on Propel.
struct PropelDependency: Equatable {
    /// The expression in the manifest, such as `.package(url: "…", exact: "0.2.0")`.
    let expression: String
    /// The name by which its products are named in the manifest.
    let package: String

    /// A dependency on a clone of Propel by its path.
    init(clone: URL) {
        package = "propel"
        expression = ".package(name: \"propel\", path: \(clone.resolvingSymlinksInPath().path.swiftLiteral))"
    }

    /// A dependency on a released version.
    init(url: String, version: String) {
        let name = url.split(separator: "/").last.map(String.init) ?? url
        package = name.hasSuffix(".git") ? String(name.dropLast(4)) : name
        expression = ".package(url: \(url.swiftLiteral), exact: \(version.swiftLiteral))"
    }

    /// The Propel that the running program was built from: the version of its clone if it has one and a remote, else
    /// the clone by its path.
    /// - Throws: ``UsageError`` if the program is not in the build folder of a package.
    static func ofThisProgram() async throws -> PropelDependency {
        guard let root = packageOfThisProgram() else {
            throw UsageError(
                description:
                    "this propel is not in the build folder of a package\nName a clone of Propel: --propel FOLDER.")
        }
        let layout = PackageLayout(root: root)
        let clones = ([""] + layout.localPackages).map { $0.isEmpty ? root : layout.url(of: $0) }
        if let clone = clones.first(where: isPropel) { return try await PropelDependency(ofClone: clone) }
        // A configuration that depends on a version.
        if let url = manifest(of: root)?.firstMatch(of: #/\.package\(url: "([^"]+)", exact: "([^"]+)"\)/#) {
            return PropelDependency(url: String(url.1), version: String(url.2))
        }
        throw UsageError(
            description:
                "no dependency on Propel found in \(root.path)/Package.swift\nName a clone of Propel: --propel FOLDER.")
    }

    private init(ofClone clone: URL) async throws {
        let remote = await Self.git(["remote", "get-url", "origin"], in: clone)
        let tags = await Self.git(["tag", "--points-at", "HEAD"], in: clone)
        let version = tags.nonEmptyLines.compactMap { $0.wholeMatch(of: #/v?(\d+\.\d+\.\d+)/#)?.1 }.last
        // A path as a remote means nothing on another computer.
        let isURL = remote.contains("://") || remote.contains(#/^[^/]+@[^/]+:/#)
        if isURL, let version {
            self.init(url: remote, version: String(version))
        } else {
            self.init(clone: clone)
        }
    }

    /// Whether a folder is a clone of Propel itself.
    static func isPropel(_ folder: URL) -> Bool {
        manifest(of: folder)?.contains(".library(name: \"PropelCLI\"") == true
    }

    private static func manifest(of folder: URL) -> String? {
        try? String(contentsOf: folder.appending(path: PackageLayout.manifest), encoding: .utf8)
    }

    /// The package whose `.build` this program is in.
    private static func packageOfThisProgram() -> URL? {
        guard let path = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"),
            let range = path.range(of: "/.build/", options: .backwards)
        else { return nil }
        return URL(filePath: String(path[..<range.lowerBound]), directoryHint: .isDirectory)
    }

    /// The first output of a git command; empty if it fails.
    private static func git(_ arguments: [String], in folder: URL) async -> String {
        let result = try? await Subprocess.run(
            .name("git"), arguments: Arguments(["-C", folder.path] + arguments), output: .string(limit: 1 << 16),
            error: .discarded)
        guard let result, result.terminationStatus.isSuccess else { return "" }
        return result.standardOutput.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}

extension String {
    /// A Swift string literal with this value.
    fileprivate var swiftLiteral: String { Escaping.swift.quote(self) }
}
