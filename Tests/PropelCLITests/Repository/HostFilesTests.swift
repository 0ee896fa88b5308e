import Foundation
import Propel
import Properties
import Testing

@testable import PropelCLI

@Suite struct HostFilesTests {
    private let package: PackageFolder
    private var checkout: Checkout { Checkout(root: package.root) }

    init() throws {
        package = try PackageFolder()
        try package.write("[web]\nrole = \"web\"\n", "hosts.conf")
        try package.make("files/app")
        for file in ["files/a", "files/app/x", "files/app/y"] { try package.write("\(file)\n", file) }
    }

    private func targets(
        @PropertyBuilder<Debian> _ properties: @escaping @Sendable () -> [Declaration]
    ) async throws
        -> [Target]
    {
        let fleet = Fleet(Role("web", runs: Debian.self) { _ in properties() })
        return try await Fleet.$current.withValue(fleet) { try await checkout.withFiles(checkout.targets(["web"])) }
    }

    private func refusal(
        @PropertyBuilder<Debian> _ properties: @escaping @Sendable () -> [Declaration]
    ) async throws -> String? {
        do { _ = try await targets(properties) } catch let error as UsageError { return error.description }
        return nil
    }

    @Test func `a host gets a manifest of its files, and can read these and no others`() async throws {
        let target = try await targets {
            File("/etc/a", from: "files/a")
            Directory("/etc/app", from: "files/app")
        }[0]
        #expect(target.files.manifest.files.keys.sorted() == ["files/a", "files/app/x", "files/app/y"])
        #expect(target.host.repository == target.files.manifest)
        #expect(target.files.paths == ["files/a", "files/app"])
        let hash = SHA256.hash(Array("files/a\n".utf8))
        #expect(target.files.manifest.files["files/a"] == RepositoryContent(size: 8, hash: hash))
        #expect(try target.files.read(ContentRange(hash: hash, offset: 2, size: 3)) == Array("les".utf8))
        let conf = SHA256.hash(Array("[web]\nrole = \"web\"\n".utf8))
        #expect(throws: Failure.self) { try target.files.read(ContentRange(hash: conf, offset: 0, size: 1)) }
    }

    @Test func `an edit after the beginning is noticed, whatever it is`() async throws {
        let files = try await targets { Directory("/etc/app", from: "files/app") }[0].files
        #expect(!files.hasChanged)
        try package.write("new\n", "files/app/z")
        #expect(files.hasChanged)
        try FileManager.default.removeItem(at: package.root.appending(path: "files/app/z"))
        #expect(!files.hasChanged)
        chmod(package.root.appending(path: "files/app/x").path, 0o755)
        #expect(files.hasChanged)
        let later = try await targets { Directory("/etc/app", from: "files/app") }[0].files
        try package.write("shorter", "files/app/y")
        #expect(later.hasChanged)
        let range = ContentRange(hash: SHA256.hash(Array("files/app/y\n".utf8)), offset: 0, size: 12)
        let failure = #expect(throws: Failure.self) { try later.read(range) }
        #expect(failure?.message == "files/app/y of the repository has changed since the run began")
    }

    @Test func `everything that is wrong is told with the line of its declaration`() async throws {
        try package.write("@@domain@@\nport @@port@@\n", "files/t")
        let message = try await refusal {
            File("/etc/b", from: "files/b")
            File("/etc/t", Template("files/t", ["domain": "x", "prot": "80"]))
            Directory("/etc/c", from: "files/a")
        }
        let lines = (message ?? "").split(separator: "\n").map(String.init)
        let place = "web: Sources/PropelCLITests/HostFilesTests.swift:"
        #expect(lines.count { $0.hasPrefix(place) } == 4, "\(lines)")
        #expect(message?.contains(": files/b does not exist\n") == true)
        #expect(message?.contains(": files/t:2: no value for @@port@@\n") == true)
        #expect(message?.contains(": files/t has no @@prot@@: its value is not used") == true)
        #expect(message?.contains(": files/a is not a directory\n") == true)
    }

    @Test func `a file that a tree has too is a conflict`() async throws {
        let message = try await refusal {
            Directory("/etc/app", from: "files/app")
            File("/etc/app/x", "other\n")
        }
        #expect(message?.hasPrefix("web: two properties conflict about the path /etc/app/x") == true)
    }

    @Test func `an empty directory and a part that is too large are refused`() async throws {
        try package.make("files/empty/below")
        #expect(
            try await refusal { Directory("/etc/e", from: "files/empty") }?.contains(
                "has no files that git would commit")
                == true)
        truncate(package.root.appending(path: "files/a").path, off_t(RepositoryFile.partLimit) + 1)
        #expect(
            try await refusal { File("/etc/a", "\(RepositoryFile("files/a"))x") }?.contains("too large to be a part")
                == true)
        #expect(try await refusal { File("/etc/a", from: "files/a") } == nil)
    }

    @Test func `a hash of a large file is remembered, and forgotten with the file`() async throws {
        let place = package.root.appending(path: "files/a").path, cache = ".build/propel-files"
        truncate(place, 2 << 20)
        let first = try await targets { File("/etc/a", from: "files/a") }[0].files.manifest
        let text = try String(contentsOf: package.root.appending(path: cache), encoding: .utf8)
        #expect(text.hasPrefix(try #require(first.files["files/a"]?.hash)))
        let second = try await targets { File("/etc/a", from: "files/a") }[0].files.manifest
        #expect(second == first)
        truncate(place, 3 << 20)
        let third = try await targets { File("/etc/a", from: "files/a") }[0].files.manifest
        #expect(third.files["files/a"]?.size == 3 << 20 && third != first)
    }
}
