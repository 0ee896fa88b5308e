import Foundation
import Propel
import PropelTesting
import Subprocess
import SystemPackage
import Testing

@testable import PropelCLI

/// The parts of a conversation with a build host.
extension BuildScriptsTests {
    // MARK: The parts of a conversation

    func survey() async throws -> [String] { try await run(BuildScripts.survey, []) }

    func send() async throws {
        let bytes = try await archive()
        let told = try await run(BuildScripts.receive, ["\(bytes.count)"], input: bytes)
        #expect(told == ["send", "received"])
    }

    func build(rebuilding: Bool = false) async throws -> (size: Int, hash: String) {
        let told = try await run(BuildScripts.build, ["s1", rebuilding ? "no" : "yes", manifestHash()])
        let parts = try #require(told.last).split(separator: ":")
        try #require(parts.count == 3 && parts[0] == "built", "\(told)")
        return (try #require(Int(parts[1])), String(parts[2]))
    }

    func fetch(from offset: Int) async throws -> Data {
        _ = try await run(BuildScripts.fetch, ["s1", "\(offset)"], to: "fetched")
        let output = try Data(contentsOf: folder.appending(path: "fetched"))
        let mark = Data("propel:T:send\n".utf8)
        try #require(output.starts(with: mark))
        return output.dropFirst(mark.count)
    }

    func manifest() throws -> String {
        let sources = folder.appending(path: "sources")
        let files = ["Package.swift"] + SourceManifest.files(in: "Sources", of: sources)
        return try SourceManifest.lines(of: files, in: sources).joined(separator: "\n") + "\n"
    }

    func manifestHash() throws -> String { SHA256.hash(Array(try manifest().utf8)) }

    func archive() async throws -> Data {
        try write(try manifest(), "sources/.manifest.new")
        let file = folder.appending(path: UUID().uuidString).path
        try await succeed(
            "tar",
            [
                "--create", "--gzip", "--file", file, "--directory", folder.appending(path: "sources").path,
                ".manifest.new", "Package.swift", "Sources",
            ])
        return try Data(contentsOf: URL(filePath: file))
    }

    /// Runs a script and returns its messages.
    func run(
        _ script: String, _ arguments: [String], input: Data = Data(), to output: String = "output"
    ) async throws -> [String] {
        let inputFile = folder.appending(path: UUID().uuidString), outputFile = folder.appending(path: output)
        try input.write(to: inputFile)
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        let result = try await Subprocess.run(
            .name("sh"), arguments: Arguments(["-c", script, "propel", "f", "T"] + arguments),
            environment: .inherit.updating([
                "XDG_CACHE_HOME": folder.appending(path: "cache").path, "PATH": "\(folder.path)/bin:\(path)",
            ]),
            input: .fileDescriptor(try .open(FilePath(inputFile.path), .readOnly), closeAfterSpawningProcess: true),
            output: .fileDescriptor(
                try .open(
                    FilePath(outputFile.path), .writeOnly, options: [.create, .truncate], permissions: .ownerReadWrite),
                closeAfterSpawningProcess: true),
            error: .string(limit: 1 << 16))
        #expect(result.terminationStatus.isSuccess, "\(result.standardError)")
        return told(output)
    }

    /// The messages of a script so far.
    func told(_ output: String) -> [String] {
        lines(of: output).filter { $0.hasPrefix("propel:T:") }.map { String($0.dropFirst(9)) }
    }

    func lines(of name: String) -> [String] {
        let text =
            (try? Data(contentsOf: folder.appending(path: name))).map { String(decoding: $0, as: UTF8.self) } ?? ""
        return text.split(separator: "\n").map(String.init)
    }

    func wait(_ condition: () -> Bool) async throws {
        for _ in 0..<30_000 where !condition() { try await Task.sleep(for: .milliseconds(10)) }
        try #require(condition())
    }

    func write(_ text: String, _ name: String) throws {
        try text.write(to: folder.appending(path: name), atomically: false, encoding: .utf8)
    }
    func remove(_ name: String) throws { try FileManager.default.removeItem(at: folder.appending(path: name)) }

    func program(_ name: String, _ script: String) throws {
        try writeProgram("#!/bin/sh\n\(script)\n", to: folder.appending(path: "bin/\(name)").path)
    }

    func succeed(_ program: String, _ arguments: [String]) async throws {
        let result = try await Subprocess.run(
            .name(program), arguments: Arguments(arguments), input: .none, output: .discarded,
            error: .string(limit: 1 << 16))
        try #require(result.terminationStatus.isSuccess, "\(program) \(arguments): \(result.standardError)")
    }
}
