import PropelTesting
import Testing

@testable import Propel

@Suite struct RepositoryManifestTests {
    private static let content = RepositoryContent(size: 3, hash: SHA256.hash(Array("abc".utf8)))
    private static let manifest = RepositoryManifest(
        files: [
            "files/a": content, "files/app/x": content,
            "files/app/bin/y": RepositoryContent(
                size: 3, hash: content.hash, isExecutable: true), "files/application": content,
        ], links: ["files/app/current": "bin"])

    /// A property with files in its arguments.
    private struct Sample: Property {
        typealias Target = UnixLike
        var name: String { "sample" }
        var content: Content = "a\(RepositoryFile("files/a"))"
        var directory: RepositoryDirectory? = RepositoryDirectory("files/app")
        var environment: [String: Content] = ["x": Content(Template("files/t", ["v": Content(from: "files/v")]))]
        func check(on machine: Machine) async throws -> Check { .satisfied }
        func apply(on machine: Machine) async throws {}
    }

    private func host(_ sample: Sample = Sample(), _ manifest: RepositoryManifest = Self.manifest) -> Host {
        var host = Host("a", runs: Debian.self) { sample }
        host.repository = manifest
        return host
    }

    @Test func `the files in the arguments of a property are found`() {
        #expect(Sample().sources.map(\.path) == ["files/a", "files/app", "files/t", "files/v"])
        #expect(Flag("x").sources.isEmpty)
    }

    @Test func `every change of a file that a property uses changes the hash of its step`() {
        let changes: [(inout RepositoryManifest) -> Void] = [
            { $0.files["files/a"]?.hash = SHA256.hash([]) }, { $0.files["files/a"]?.isExecutable = true },
            { $0.files["files/app/x"]?.hash = SHA256.hash([]) }, { $0.files["files/app/new"] = Self.content },
            { $0.files["files/app/bin/y"]?.isExecutable = false }, { $0.links["files/app/current"] = "x" },
            { $0.links["files/app/other"] = "x" }, { $0.files["files/a"] = nil },
        ]
        let hashes = changes.map { change in
            var manifest = Self.manifest
            change(&manifest)
            return host(Sample(), manifest).stepHashes
        }
        #expect(Set(hashes + [host().stepHashes]).count == changes.count + 1)
        var other = Self.manifest
        other.files["files/application"]?.hash = SHA256.hash([])
        #expect(host(Sample(), other).stepHashes == host().stepHashes, "it is no part of files/app")
    }

    @Test func `hashes that were asked for before the files are known are computed again`() {
        var host = Host("a", runs: Debian.self) { Sample() }
        let early = host.stepHashes, copy = host
        host.repository = Self.manifest
        #expect(host.stepHashes != early)
        #expect(host.stepHashes == self.host().stepHashes)
        #expect(copy.stepHashes == early)
    }

    @Test func `a difference of a file is named`() throws {
        var other = Self.manifest
        other.files["files/a"]?.hash = SHA256.hash([])
        let difference = try #require(host(Sample(), other).firstDifference(from: host().stepHashes))
        var failure = Failure("differs")
        failure.difference = difference
        #expect(failure.explained(by: host()).message.contains("“sample”, files/a\n"))
    }

    @Test func `a manifest survives the wire`() throws {
        let request = Request(entry: HostEntry(name: "a", role: "b"), deployer: "c", repository: Self.manifest)
        #expect(try Request(JSON(parsing: request.json.description)) == request)
    }

    @Test(
        arguments: [
            [:], ["files": []], ["files": [:]], ["files": [:], "links": ["a": 1]],
            ["files": ["a": ["size": -1, "sha256": .string(content.hash)]], "links": [:]],
            ["files": ["a": ["size": 1, "sha256": "../../etc/passwd"]], "links": [:]],
            ["files": ["a": 1], "links": [:]],
            [
                "files": ["a": ["size": .integer(RepositoryFile.sizeLimit + 1), "sha256": .string(content.hash)]],
                "links": [:],
            ],
        ] as [JSON]) func `a malformed manifest is an error`(_ json: JSON)
    {
        #expect(throws: MalformedMessage.self) { try RepositoryManifest(json) }
    }

    @Test func `a tree has its directories, parents first`() {
        let tree = Self.manifest.tree(RepositoryDirectory("files/app"))
        #expect(tree.files.keys.sorted() == ["bin/y", "x"])
        #expect(tree.links == ["current": "bin"])
        #expect(tree.directories == ["bin"])
        let deep = RepositoryTree(files: ["a/b/c/d": Self.content, "a/e": Self.content], links: ["f/g": "x"])
        #expect(deep.directories == ["a", "a/b", "a/b/c", "f"])
    }

    @Test(arguments: [
        "", "/etc/passwd", "../x", "files/../../x", "files/./x", "files//x", "files/", "./files/x", "a\nb", "a\u{0}",
        ".git/config",
        ".build/x", "..",
    ]) func `a path that leads out of the repository is a problem with its place`(_ path: String) {
        let sample = Sample(content: Content(from: path), directory: nil, environment: [:])
        let problems = host(sample).problems
        #expect(problems.count == 1)
        #expect(problems.first?.contains("RepositoryManifestTests.swift:") == true)
        #expect(problems.first?.contains("invalid path of a file of the repository") == true)
    }

    @Test(arguments: ["files/x", "x", "files/.hidden", "files/a b/ü", "files/...", "-x"])
    func `other paths are not`(_ path: String) {
        #expect(host(Sample(content: Content(from: path), directory: nil, environment: [:])).problems.isEmpty)
    }
}
