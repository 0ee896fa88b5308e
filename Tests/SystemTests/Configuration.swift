import Foundation
import Propel
import Subprocess
import SystemPackage

/// The fleet of the tests with another `hosts.conf`, in a folder that is removed with this value.
final class Configuration: Sendable {
    let folder: URL

    /// The configuration with the roles of this repository and of its tests, which `./test` builds.
    static let fleet = repository.appending(path: "Tests/Fixtures/Fleet")

    /// This repository.
    static let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    init(hosts: String) throws {
        folder = FileManager.default.temporaryDirectory.appending(
            path: "propel-\(UUID().uuidString.prefix(8).lowercased())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        // `Propel` is the package that this one depends on.
        for name in ["Package.swift", "Package.resolved", "Propel", "Sources", ".build"] {
            try FileManager.default.createSymbolicLink(
                at: folder.appending(path: name), withDestinationURL: Self.fleet.appending(path: name))
        }
        try write(hosts: hosts)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func write(hosts: String) throws {
        try hosts.write(to: folder.appending(path: "hosts.conf"), atomically: true, encoding: .utf8)
    }

    /// The program that a user would run.
    var program: FilePath { FilePath(Self.fleet.appending(path: ".build/release/propel").path) }

    /// Runs propel as a user would, without a terminal.
    func propel(_ arguments: String...) async throws -> Answer { try await propel(arguments) }

    func propel(_ arguments: [String], environment: [Environment.Key: String?] = [:]) async throws -> Answer {
        let result = try await Subprocess.run(
            .path(program), arguments: Arguments(arguments), environment: .inherit.updating(environment),
            workingDirectory: FilePath(folder.path), platformOptions: .ownSession, input: .none,
            output: .string(limit: 16 << 20), error: .string(limit: 16 << 20))
        guard case .exited(let status) = result.terminationStatus else {
            throw Unexpected("propel \(arguments): \(result)")
        }
        return Answer(status: status, output: result.standardOutput, errors: result.standardError)
    }

    /// Runs propel with a passphrase on file descriptor 3.
    func propel(
        _ arguments: [String], passphrase: String, environment: [Environment.Key: String?]
    ) async throws -> Answer {
        let result = try await Subprocess.run(
            .name("bash"),
            // The pipe has no name but that of its descriptor.
            arguments: Arguments(
                ["-c", "exec 3< <(cat); exec \"$@\" < /dev/null", "bash", program.string] + arguments),
            environment: .inherit.updating(environment), workingDirectory: FilePath(folder.path),
            platformOptions: .ownSession,
            input: .string("\(passphrase)\n"), output: .string(limit: 16 << 20), error: .string(limit: 16 << 20))
        guard case .exited(let status) = result.terminationStatus else {
            throw Unexpected("propel \(arguments): \(result)")
        }
        return Answer(status: status, output: result.standardOutput, errors: result.standardError)
    }

    /// Runs a program and returns its output.
    /// - Throws: if it fails.
    static func run(_ program: String, _ arguments: [String], input: String = "") async throws -> String {
        let result = try await Subprocess.run(
            .name(program), arguments: Arguments(arguments),
            input: .fileDescriptor(try inputFile(input.utf8), closeAfterSpawningProcess: true),
            output: .string(limit: 16 << 20), error: .string(limit: 16 << 20))
        guard result.terminationStatus.isSuccess else {
            throw Unexpected(
                "\(program) \(arguments): \(result.terminationStatus)\n\(result.standardOutput)\(result.standardError)")
        }
        return result.standardOutput
    }

    /// Runs propel with `--json`.
    func propel(json arguments: String...) async throws -> Answer { try await propel(arguments + ["--json"]) }
}

/// An unnamed file with these bytes, to be read from its beginning. A program need not read its input; writing to a
/// pipe would fail then.
func inputFile(_ bytes: some Sequence<UInt8>) throws -> FileDescriptor {
    let path = FileManager.default.temporaryDirectory.appending(path: "propel-input-\(UUID().uuidString)").path
    let file = try FileDescriptor.open(
        FilePath(path), .readWrite, options: [.create, .exclusiveCreate, .closeOnExec], permissions: [.ownerReadWrite])
    unlink(path)
    try file.writeAll(bytes)
    try file.seek(offset: 0, from: .start)
    return file
}

extension PlatformOptions {
    /// No terminal to ask at.
    static var ownSession: PlatformOptions {
        var options = PlatformOptions()
        options.createSession = true
        return options
    }
}

/// The exit status and the output of a run of propel.
struct Answer: CustomStringConvertible {
    let status: Int32
    let output: String
    let errors: String

    var description: String { "status \(status)\n\(output)\(errors)" }

    /// The lines of `--json`.
    var lines: [JSON] {
        get throws { try output.split(separator: "\n").map { try JSON(parsing: String($0)) } }
    }

    var properties: [PropertyReport] {
        get throws {
            try lines.filter { $0["kind"] == "property" }.map { line in
                // A missing diff is null in JSON.
                try PropertyReport(.object((line.object ?? [:]).filter { $0.value != nil }))
            }
        }
    }

    /// The status of each property, by its path.
    var statuses: [String: PropertyReport.Status] {
        get throws { Dictionary(try properties.map { ($0.path, $0.status) }, uniquingKeysWith: { $1 }) }
    }

    /// The paths with one of these statuses.
    func paths(_ wanted: PropertyReport.Status...) throws -> Set<String> {
        Set(try properties.filter { wanted.contains($0.status) }.map(\.path))
    }
}

struct Unexpected: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) { self.description = description }
}
