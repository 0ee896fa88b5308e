import Foundation
import Testing

@testable import PropelCLI

@Suite struct PackageLayoutTests {
    /// They would be compiled again with every change of a role, which takes ten times as long.
    @Test func `the commands do not import the roles`() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..").standardizedFileURL
        let files = SourceManifest.files(in: "Sources/PropelCLI", of: root)
        #expect(files.count > 50)
        for file in files {
            let lines = try String(contentsOf: root.appending(path: file), encoding: .utf8).nonEmptyLines
            #expect(!lines.contains("import Examples") && !lines.contains("import Hosts"), "\(file)")
        }
        let manifest = try String(contentsOf: root.appending(path: "Package.swift"), encoding: .utf8)
        let target = try #require(manifest.components(separatedBy: "name: \"PropelCLI\",").last)
        let dependencies = try #require(target.components(separatedBy: "]),").first)
        #expect(dependencies.contains("\"HostsConf\"") && !dependencies.contains("\"Examples\""))
    }

    @Test func `dependencies by path are read from the manifest`() {
        let manifest = """
            let propel: Package.Dependency = .package(name: "propel", path: "../propel")
            // .package(path: "not/this")
            let package = Package(
                dependencies: [
                    propel, .package(path: "vendor/Tools"), .package(url: "https://example.com/x", from: "1.0.0"),
                    .package(
                        name: "more",
                        path: "/srv/more"),
                ],
                targets: [.target(name: "a", dependencies: [.product(name: "b", package: "propel")], path: \
            "Sources/a")])
            """
        #expect(PackageLayout.localDependencies(in: manifest) == ["../propel", "vendor/Tools", "/srv/more"])
    }

    @Test func `local packages include those that they depend on`() throws {
        let scratch = try PackageFolder()
        try scratch.write(#".package(path: "vendor/Tools")"#, "Package.swift")
        try scratch.make("vendor/Tools/Sources/Tools", "vendor/Base/Sources/Base")
        try scratch.write(#".package(path: "../Base")"#, "vendor/Tools/Package.swift")
        // SwiftPM refuses a cycle; reading it must end.
        try scratch.write(#".package(path: "../Tools")"#, "vendor/Base/Package.swift")
        #expect(PackageLayout(root: scratch.root).localPackages == ["vendor/Base", "vendor/Tools"])
    }

    @Test func `an edit of a local package is noticed, and changes the manifest of the sources`() throws {
        let scratch = try PackageFolder(), root = scratch.root
        try scratch.write(#".package(path: "vendor/Tools")"#, "Package.swift")
        try scratch.make("vendor/Tools/Sources/Tools", "vendor/Tools/Tests")
        try scratch.write("// manifest", "vendor/Tools/Package.swift")
        try scratch.write("// a", "vendor/Tools/Sources/Tools/A.swift")
        let freshness = Freshness(root: root)
        let before = freshness.sources(), manifest = try SourceManifest.of(root)
        try scratch.write("// b", "vendor/Tools/Tests/A.swift")
        #expect(freshness.sources() == before, "tests are not part of a program")
        try scratch.write("// b", "vendor/Tools/Sources/Tools/A.swift")
        #expect(freshness.sources() != before)
        #expect(try SourceManifest.of(root) != manifest)
        #expect(try SourceManifest.of(root).lines.contains { $0.hasSuffix("  vendor/Tools/Sources/Tools/A.swift") })
    }

    @Test func `a new version of a dependency is noticed`() throws {
        let scratch = try PackageFolder()
        let freshness = Freshness(root: scratch.root), before = freshness.sources()
        try scratch.write("{}", "Package.resolved")
        #expect(freshness.sources() != before)
    }
}
