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
}
