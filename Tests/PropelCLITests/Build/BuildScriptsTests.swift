import Foundation
import Propel
import PropelTesting
import Subprocess
import SystemPackage
import Testing

@testable import PropelCLI

/// The scripts of a build host, run here with a script as the compiler.
@Suite final class BuildScriptsTests: Sendable {
    let folder: URL
    var tree: URL { folder.appending(path: "cache/propel/builds/f/tree") }
    var compiled: [String] { lines(of: "compiled") }

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "build-scripts-\(UUID().uuidString)")
        for name in ["bin", "sources/Sources", "outside"] {
            try FileManager.default.createDirectory(at: folder.appending(path: name), withIntermediateDirectories: true)
        }
        try write("// package\n", "sources/Package.swift")
        try write("print(1)\n", "sources/Sources/main.swift")
        // Its result is a copy of the source. It waits while a file `hold` exists, and this process.
        try program(
            "swift",
            """
            [ "$1" = build ] || { echo "Swift version 6.3.1"; exit; }
            case "$*" in "\(SwiftBuild.arguments.joined(separator: " "))"*) ;; *) echo "built as $*"; exit 1;; esac
            echo begin >> '\(folder.path)/compiled'
            printf '%s\\n' 'a\\cb'
            while [ "$#" -gt 0 ]; do [ "$1" != --scratch-path ] || scratch=$2; shift; done
            while [ -e '\(folder.path)/hold' ] && kill -0 \(getpid()); do sleep 0.02; done
            mkdir -p "$scratch/release" && cat Sources/main.swift > "$scratch/release/propel-enforce"
            [ ! -e '\(folder.path)/alter' ] || echo altered >> Sources/main.swift
            [ ! -e '\(folder.path)/die' ] || kill -KILL $PPID
            echo end >> '\(folder.path)/compiled'
            """)
        try program(
            "sync", "for file; do echo \"${file##*/} $(stat -c %s \"$file\")\" >> '\(folder.path)/synced'; done")
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    // MARK: Building and fetching

    @Test func `a result is fetched from where it was cut`() async throws {
        try await send()
        let (size, hash) = try await build()
        let whole = try await fetch(from: 0)
        #expect(whole.count == size)
        let file = folder.appending(path: "result.gz")
        try whole.write(to: file)
        #expect(try EnforcerFile(path: file.path).sha256() == hash)
        #expect(try await fetch(from: 7) == whole.dropFirst(7))
        #expect(try await fetch(from: size).isEmpty)
        #expect(lines(of: "synced") == [".new \(size)"], "the result is synced before it counts")

        #expect(try await build() == (size, hash))
        #expect(compiled == ["begin", "end"], "the result exists")
        _ = try await build(rebuilding: true)
        #expect(compiled.count == 4)
    }

    @Test func `two runs with the same sources share one build`() async throws {
        try await send()
        try write("", "hold")
        let manifest = try manifestHash()
        async let first = run(BuildScripts.build, ["s1", "yes", manifest], to: "first")
        async let second = run(BuildScripts.build, ["s1", "yes", manifest], to: "second")
        // Exactly what the compiler printed: no shell interprets the backslash.
        for name in ["first", "second"] { try await wait { self.told(name).contains("going:a\\cb") } }
        try await wait { self.compiled == ["begin"] }
        try remove("hold")
        let results = try await [first, second]
        #expect(results.allSatisfy { $0.last?.hasPrefix("built:") == true }, "\(results)")
        #expect(results[0].last == results[1].last)
        #expect(compiled == ["begin", "end"])
    }

    @Test func `other builds and uploads wait for the running build`() async throws {
        try await send()
        try write("", "hold")
        let manifest = try manifestHash()
        async let first = run(BuildScripts.build, ["s1", "yes", manifest], to: "first")
        try await wait { self.compiled == ["begin"] }
        async let second = run(BuildScripts.build, ["s2", "yes", manifest], to: "second")
        try await wait { self.told("second").count > 2 }
        let bytes = try await archive()
        async let third = run(BuildScripts.receive, ["\(bytes.count)"], input: bytes, to: "third")
        try await wait { self.told("third").contains("waiting") }
        #expect(compiled == ["begin"])
        #expect(!told("third").contains("send"))
        try remove("hold")
        let results = try await [first, second, third]
        #expect(
            results[0].last?.hasPrefix("built:") == true && results[1].last?.hasPrefix("built:") == true, "\(results)")
        #expect(results[2].suffix(2) == ["send", "received"])
        #expect(compiled == ["begin", "end", "begin", "end"], "never two at once")
    }

    @Test func `a killed build is reported and can be repeated`() async throws {
        try await send()
        try write("", "die")
        let killed = try await run(BuildScripts.build, ["s1", "yes", manifestHash()])
        #expect(killed.last == "failed:the build was killed; run again")
        try remove("die")
        _ = try await build()
    }

    @Test func `a removed build is reported to the run that waits for it`() async throws {
        try await send()
        try write("", "hold")
        async let told = run(BuildScripts.build, ["s1", "yes", manifestHash()])
        try await wait { self.compiled == ["begin"] }
        try FileManager.default.removeItem(at: tree.deletingLastPathComponent().appending(path: "builds"))
        #expect(try await told.last == "failed:the build was removed; run again")
        try remove("hold")
        try await wait { self.compiled == ["begin", "end"] }
    }

    // MARK: What is built is what was sent

    @Test func `sources that were altered are not built`() async throws {
        try await send()
        let manifest = try manifestHash()
        try Data("print(2)\n".utf8).write(to: tree.appending(path: "Sources/main.swift"))
        let altered = try await run(BuildScripts.build, ["s1", "yes", manifest])
        #expect(
            altered.contains { $0.contains("Sources/main.swift: FAILED") }
                && altered.last?.hasPrefix("failed:") == true, "\(altered)")
        try await send()
        let ofOthers = try await run(BuildScripts.build, ["s1", "yes", String(repeating: "0", count: 64)])
        #expect(
            ofOthers.contains { $0.contains(".manifest: FAILED") } && ofOthers.last?.hasPrefix("failed:") == true,
            "\(ofOthers)")
        #expect(compiled == [])
    }

    @Test func `sources that are altered during the build give no result`() async throws {
        try await send()
        try write("", "alter")
        let altered = try await run(BuildScripts.build, ["s1", "yes", manifestHash()])
        #expect(compiled == ["begin", "end"])
        #expect(altered.last?.hasPrefix("failed:") == true, "\(altered)")
        #expect(try await run(BuildScripts.fetch, ["s1", "0"]) == ["failed:the result was removed"])
    }

    /// Names that a shell, a list of lines or the options of a program could misread.
    static let oddNames = [
        " a", "a ", "-rf", "*", "$(touch x)", "a'b\"c", "a  b", "a|b;c", "Grüße", "~", "#a", ".manifest.swift",
    ]

    @Test func `files with odd names are sent and removed`() async throws {
        for name in Self.oddNames { try write("// \(name)\n", "sources/Sources/\(name)") }
        try await send()
        for name in Self.oddNames {
            #expect(try String(contentsOf: tree.appending(path: "Sources/\(name)"), encoding: .utf8) == "// \(name)\n")
        }
        _ = try await build()
        for name in Self.oddNames { try remove("sources/Sources/\(name)") }
        // These were not sent.
        try FileManager.default.createSymbolicLink(
            at: tree.appending(path: "Sources/link.swift"), withDestinationURL: folder)
        try Data().write(to: tree.appending(path: "Sources/b\nPackage.swift"))
        try await send()
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: tree.appending(path: "Sources").path) == ["main.swift"])
        #expect(FileManager.default.fileExists(atPath: tree.appending(path: "Package.swift").path))
    }

    @Test(arguments: ["a\nb.swift", "a\\b.swift", "a\\\u{301}b.swift"])
    func `a name that sha256sum would escape is refused`(
        _ name: String
    ) async throws {
        try write("", "sources/Sources/\(name)")
        let error = #expect(throws: BuildError.self) {
            try SourceManifest.of(self.folder.appending(path: "sources"))
        }
        #expect(error?.description.contains("has a newline or a backslash") == true)
    }

    @Test(arguments: [
        ["../../../../../outside/x"], ["FOLDER/outside/x"], ["Sources/link", "Sources/link/x"],
    ])
    func `an archive cannot write outside of the tree`(_ names: [String]) async throws {
        let outside = folder.appending(path: "outside")
        try FileManager.default.createDirectory(
            at: folder.appending(path: "evil/Sources/folder"), withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(
            at: folder.appending(path: "evil/Sources/link"), withDestinationURL: outside)
        try write("evil", "evil/file")
        try write(try manifest(), "sources/.manifest.new")
        // The archive has the file under another name.
        let names = names.map { $0.replacing("FOLDER", with: folder.path) }
        let archive = folder.appending(path: "evil.tar").path
        for (index, name) in names.enumerated() {
            let isLink = name == "Sources/link"
            try await succeed(
                "tar",
                [
                    index == 0 ? "--create" : "--append", "--absolute-names", "--file", archive, "--directory",
                    folder.appending(path: "evil").path,
                    "--transform", "s|^.*$|\(name)|rSh", isLink ? "Sources/link" : "file",
                ])
        }
        try await succeed(
            "tar",
            [
                "--append", "--file", archive, "--directory", folder.appending(path: "sources").path, ".manifest.new",
                "Package.swift", "Sources",
            ])
        try await succeed("gzip", [archive])
        let bytes = try Data(contentsOf: URL(filePath: archive + ".gz"))
        _ = try await run(BuildScripts.receive, ["\(bytes.count)"], input: bytes)
        #expect(try FileManager.default.contentsOfDirectory(atPath: outside.path) == [])
        // Other files of the archive are removed before a build.
        try await send()
        #expect(
            try FileManager.default.subpathsOfDirectory(atPath: tree.path).filter {
                $0.hasSuffix("x") || $0.hasSuffix("link")
            } == [])
    }

    @Test func `the survey lists files with their hashes`() async throws {
        #expect(!(try await survey()).contains { $0.hasPrefix("file:") || $0.hasPrefix("manifest:") })
        for name in Self.oddNames { try write("// \(name)\n", "sources/Sources/\(name)") }
        try await send()
        try write("// changed\n", "sources/Package.swift")
        let told = try await survey()
        let present = told.compactMap { $0.hasPrefix("file:") ? String($0.dropFirst(5)) : nil }
        let wanted = try manifest().split(separator: "\n").map(String.init)
        #expect(wanted.filter { !present.contains($0) }.map { $0.dropFirst(66) } == ["Package.swift"])
        #expect(present.count == wanted.count)
        #expect(told.last == "end")
    }
}
