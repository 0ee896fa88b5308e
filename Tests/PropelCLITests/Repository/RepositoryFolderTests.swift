import Foundation
import Propel
import Testing

@testable import PropelCLI

@Suite struct RepositoryFolderTests {
    private let package: PackageFolder
    private let folder: RepositoryFolder

    init() throws {
        package = try PackageFolder()
        folder = RepositoryFolder(root: package.root.path)
        try package.make("files/app/conf.d", "files/app/bin")
        for file in ["files/a", "files/app/app.conf", "files/app/conf.d/x.conf", "files/app/bin/tool"] {
            try package.write("\(file)\n", file)
        }
        chmod(package.root.appending(path: "files/app/bin/tool").path, 0o755)
    }

    private func link(_ path: String, to destination: String) throws {
        try FileManager.default.createSymbolicLink(
            atPath: package.root.appending(path: path).path, withDestinationPath: destination)
    }

    private func problem(_ body: () throws -> Void) -> String? {
        do { try body() } catch { return (error as? RepositoryFolder.Problem)?.description ?? "\(error)" }
        return nil
    }

    @Test func `a tree is walked with sizes, bits and links`() throws {
        try link("files/app/current", to: "conf.d/../conf.d")
        let entries = try folder.entries(below: "files/app")
        #expect(
            entries.map(\.path) == [
                "files/app/app.conf", "files/app/bin/tool", "files/app/conf.d/x.conf", "files/app/current",
            ])
        #expect(entries.map(\.isExecutable).prefix(3) == [false, true, false])
        #expect(entries[0].size == 19 && entries[3].destination == "conf.d/../conf.d")
        #expect(try folder.file(at: "files/a").size == 8)
    }

    @Test func `a hash is that of the bytes, and a part is what is there`() throws {
        #expect(try folder.hash(of: "files/a") == SHA256.hash(Array("files/a\n".utf8)))
        #expect(try folder.read("files/a", offset: 6, size: 10) == Array("a\n".utf8))
        #expect(try folder.read("files/a", offset: 9, size: 10) == [])
    }

    @Test(arguments: [
        "/etc/passwd", "../passwd", "../../../../../../etc/passwd", "conf.d/../../a", "..", "x/../../b",
    ]) func `a link out of a tree is refused`(_ destination: String) throws {
        try link("files/app/out", to: destination)
        let problem = problem { _ = try folder.entries(below: "files/app") }
        #expect(problem?.hasPrefix("the symbolic link files/app/out → \(destination) leads out of files/app") == true)
    }

    @Test(arguments: ["app.conf", "./app.conf", "conf.d/../app.conf", "missing", "."])
    func `a link within a tree is not`(_ destination: String) throws {
        try link("files/app/conf.d/in", to: destination == "." ? "." : destination)
        #expect(problem { _ = try folder.entries(below: "files/app") } == nil)
    }

    @Test func `a link that is named, or on the way, is refused`() throws {
        try link("files/link", to: "a")
        try link("files/way", to: "/etc")
        #expect(problem { _ = try folder.file(at: "files/link") }?.hasPrefix("files/link is a symbolic link") == true)
        #expect(
            problem { _ = try folder.file(at: "files/way/passwd") }?.hasPrefix("files/way is a symbolic link") == true)
        #expect(
            problem { _ = try folder.entries(below: "files/way") }?.hasPrefix("files/way is a symbolic link") == true)
        #expect(problem { _ = try folder.hash(of: "files/way/passwd") } != nil)
        #expect(problem { _ = try folder.read("files/link", offset: 0, size: 1) } != nil)
    }

    @Test func `what is missing or something else is named with what to do`() throws {
        #expect(problem { _ = try folder.file(at: "files/b") }?.hasPrefix("files/b does not exist\n") == true)
        #expect(problem { _ = try folder.file(at: "files/a/b") }?.hasPrefix("files/a/b does not exist\n") == true)
        #expect(problem { _ = try folder.file(at: "files/app") }?.contains("Use Directory(") == true)
        #expect(problem { _ = try folder.entries(below: "files/a") }?.contains("Use File(") == true)
        mkfifo(package.root.appending(path: "files/app/pipe").path, 0o644)
        #expect(problem { _ = try folder.entries(below: "files/app") }?.contains("files/app/pipe is neither") == true)
        #expect(problem { _ = try folder.file(at: "files/app/pipe") }?.contains("neither") == true)
    }

    @Test func `another repository in a tree, a name with a newline and a huge file are refused`() throws {
        try package.make("files/vendor/.git", "files/odd")
        #expect(
            problem { _ = try folder.entries(below: "files/vendor") }?.contains(
                "files/vendor is another git repository")
                == true)
        try package.write("x", "files/odd/a\nb")
        #expect(problem { _ = try folder.entries(below: "files/odd") }?.contains("control character") == true)
        truncate(package.root.appending(path: "files/a").path, off_t(RepositoryFile.sizeLimit) + 1)
        #expect(problem { _ = try folder.file(at: "files/a") }?.hasPrefix("files/a is too large") == true)
    }
}
