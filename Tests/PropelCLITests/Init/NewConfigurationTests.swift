import Foundation
import Propel
import Properties
import Testing

@testable import PropelCLI

@Suite final class NewConfigurationTests: Sendable {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "init-\(UUID().uuidString)/machines")

    deinit { try? FileManager.default.removeItem(at: folder.deletingLastPathComponent()) }

    private func configuration(_ host: NewConfiguration.FirstHost? = nil) -> NewConfiguration {
        NewConfiguration(
            folder: folder, dependency: PropelDependency(url: "https://example.com/propel.git", version: "1.2.3"),
            host: host)
    }

    private func text(_ name: String) throws -> String {
        try String(contentsOf: folder.appending(path: name), encoding: .utf8)
    }

    @Test func `the version of Propel is one line of the manifest`() throws {
        try configuration().write()
        let manifest = try text("Package.swift")
        #expect(manifest.components(separatedBy: "1.2.3").count == 2)
        #expect(
            manifest.contains(
                #"let propel: Package.Dependency = .package(url: "https://example.com/propel.git", exact: "1.2.3")"#))
        #expect(manifest.contains(#"package: "propel")"#))
        #expect(!manifest.contains("DEPENDENCY") && !manifest.contains("PACKAGE") && !manifest.contains("NAME"))
    }

    @Test func `a combining mark ends no literal of the manifest`() throws {
        let mark = "\u{301}"
        let dependency = PropelDependency(url: "https://example.com/a\"\u{301}", version: "1\\\u{301}")
        let expression = ".package(url: \"https://example.com/a\\\"\u{301}\", exact: \"1\\\\\u{301}\")"
        #expect(Array(dependency.expression.utf8) == Array(expression.utf8))
        let odd = folder.deletingLastPathComponent().appending(path: "b\"\u{301}")
        try NewConfiguration(folder: odd, dependency: dependency).write()
        let manifest = try String(contentsOf: odd.appending(path: "Package.swift"), encoding: .utf8).utf8
        #expect(manifest.firstRange(of: "name: \"b\\\"\(mark)\"".utf8) != nil)
        #expect(manifest.firstRange(of: "package: \"a\\\"\(mark)\"".utf8) != nil)
    }

    @Test func `hosts conf has a sandbox and the first host`() throws {
        try configuration(.init(name: "web1.example.com", address: "192.0.2.7", user: "admin")).write()
        let roles = Fleet(Role("server", runs: Debian.self, keys: ["swap"]) { host in Hostname(host.name) })
        let conf = try Fleet.$current.withValue(roles) { try Checkout(root: folder).hostsConf }
        #expect(conf.hosts.map(\.entry.name) == ["demo.sandbox", "web1.example.com"])
        #expect(conf.hosts.map { $0.sandbox != nil } == [true, false])
        #expect(try text("hosts.conf").hasSuffix("address = \"192.0.2.7\"\nuser = \"admin\"\n"))
    }

    @Test(arguments: ["hosts.conf", "Sources/Hosts/Server.swift", "propel"])
    func `nothing is written if one of the files exists`(_ name: String) throws {
        let file = folder.appending(path: name)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try "mine".write(to: file, atomically: true, encoding: .utf8)
        let before = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
        let error = #expect(throws: UsageError.self) { try self.configuration().write() }
        #expect(error?.description.contains("already has \(name), and nothing is overwritten") == true)
        #expect(try FileManager.default.subpathsOfDirectory(atPath: folder.path) == before)
        #expect(try text(name) == "mine")
    }

    @Test(arguments: ["a b", "a\"b", "-a", "", "a\nb"])
    func `a name that cannot stand in hosts conf is refused`(_ name: String) throws {
        let error = #expect(throws: UsageError.self) { try self.configuration(.init(name: name)).write() }
        #expect(error?.description.contains("invalid host name") == true)
        #expect(!FileManager.default.fileExists(atPath: folder.path))
    }

    /// SwiftPM identifies packages by the names of their folders.
    @Test func `a folder with the name of the package is refused`() {
        let configuration = NewConfiguration(
            folder: folder.deletingLastPathComponent().appending(path: "Propel"),
            dependency: PropelDependency(clone: folder))
        #expect(throws: UsageError.self) { try configuration.write() }
    }

    private func text(inRepository path: String) throws -> String {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..")
        return try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    @Test func `the programs are linked as in this repository`() throws {
        let sections = "propel-enforce/sections.ld"
        #expect(try text(inRepository: "Sources/Programs/\(sections)") == Templates.enforcerSections)
        #expect(try text(inRepository: "Tests/Fixtures/Fleet/Sources/\(sections)") == Templates.enforcerSections)
        let manifest = try text(inRepository: "Tests/Fixtures/Fleet/Package.swift")
        let start = try #require(manifest.range(of: "let staticExecutable"))
        let end = try #require(manifest.range(of: "\nlet package", range: start.upperBound..<manifest.endIndex))
        #expect(Templates.manifest.contains(manifest[start.lowerBound..<end.upperBound]))
    }

    @Test func `the script that starts propel is that of this repository`() throws {
        #expect(try text(inRepository: "propel") == Templates.bootstrap)
        try configuration().write()
        #expect(FileManager.default.isExecutableFile(atPath: folder.appending(path: "propel").path))
    }
}
