import Foundation
import Testing

@testable import PropelCLI

@Suite struct FreshnessTests {
    @Test func `every change of a source is noticed`() throws {
        let folder = try PackageFolder(), root = folder.root
        let freshness = Freshness(root: root)
        #expect(!freshness.isFresh(freshness.sources()), "nothing has been built")
        try freshness.remember(freshness.sources())
        #expect(freshness.isFresh(freshness.sources()))

        try folder.write("// c", "Sources/Hosts/Fleet.swift")
        #expect(!freshness.isFresh(freshness.sources()), "same size, other content")
        try freshness.remember(freshness.sources())
        try folder.write("// d", "Sources/Hosts/New.swift")
        #expect(!freshness.isFresh(freshness.sources()), "a new file")
        try freshness.remember(freshness.sources())
        try FileManager.default.removeItem(at: root.appending(path: "Sources/Hosts/New.swift"))
        #expect(!freshness.isFresh(freshness.sources()), "a removed file")
        try freshness.remember(freshness.sources())
        try folder.write("// e", "Package.swift")
        #expect(!freshness.isFresh(freshness.sources()), "the manifest")
        try freshness.remember(freshness.sources())

        // As `cp -p` does in place: same inode, same size, same modification time.
        let package = root.appending(path: "Package.swift").path
        let time = try #require(try FileManager.default.attributesOfItem(atPath: package)[.modificationDate] as? Date)
        try "// f".write(toFile: package, atomically: false, encoding: .utf8)
        try FileManager.default.setAttributes([.modificationDate: time], ofItemAtPath: package)
        #expect(!freshness.isFresh(freshness.sources()), "same size and time, other content")
    }

    @Test func `a link counts as what it points to`() throws {
        let folder = try PackageFolder(), files = FileManager.default
        try folder.make("Sources/Hosts/Deep/Deeper", "elsewhere/folder")
        try folder.write("// a", "Sources/Hosts/Deep/Deeper/A.swift")
        try folder.write("// b", "elsewhere/B.swift")
        for (link, destination) in [
            ("B.swift", "elsewhere/B.swift"), ("folder", "elsewhere/folder"), ("nothing", "elsewhere/nothing"),
        ] {
            try files.createSymbolicLink(
                at: folder.root.appending(path: "Sources/Hosts/\(link)"),
                withDestinationURL: folder.root.appending(path: destination))
        }
        let freshness = Freshness(root: folder.root), before = freshness.sources()
        #expect(
            before.split(separator: "\n").map { $0.prefix { $0 != " " } } == [
                "Package.swift", "Sources/Hosts", "Sources/Hosts/B.swift", "Sources/Hosts/Deep",
                "Sources/Hosts/Deep/Deeper", "Sources/Hosts/Deep/Deeper/A.swift", "Sources/Hosts/Fleet.swift",
                "Sources/Hosts/folder",
            ])
        try folder.write("// c", "Sources/Hosts/Deep/Deeper/A.swift")
        let deeper = freshness.sources()
        #expect(deeper != before)
        try folder.write("// c", "elsewhere/B.swift")
        #expect(freshness.sources() != deeper)
    }

    @Test func `the folder of the sources may be a link`() throws {
        let folder = try PackageFolder(), files = FileManager.default
        try files.moveItem(
            at: folder.root.appending(path: "Sources"), to: folder.root.appending(path: "elsewhere"))
        try files.createSymbolicLink(
            at: folder.root.appending(path: "Sources"), withDestinationURL: folder.root.appending(path: "elsewhere"))
        #expect(Freshness(root: folder.root).sources().contains("\nSources/Hosts/Fleet.swift "))
    }
}
