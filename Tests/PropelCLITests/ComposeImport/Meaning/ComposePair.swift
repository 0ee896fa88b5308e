import Foundation
import Propel
import PropelTesting
import Testing

@testable import PropelCLI
@testable import Properties

/// What docker-compose says of a project, and what it says of the stack that was imported.
struct ComposePair {
    /// The name of the project.
    let name: String
    let original: ComposeMeaning
    let generated: ComposeMeaning

    init(_ example: Example) async throws {
        name = example.name
        // The project lies elsewhere on the machine.
        let text = try await Self.config([try Corpus.file(of: example.name)])
            .replacing(example.folder.path, with: example.directory)
        original = ComposeMeaning(
            try ComposeValue(yaml: text, in: example.name), project: name,
            files: try MountedFiles(of: example.folder, in: example.directory))

        let stack = try #require(try example.describe().stacks.first)
        let machine = Self.machine(with: try example.plaintexts())
        var meaning = ComposeMeaning(
            try ComposeValue(yaml: try await Self.config(of: stack, on: machine), in: example.name), project: name,
            files: try await MountedFiles(of: stack, on: machine))
        for container in stack.containers { meaning.read(buildOf: container) }
        generated = meaning
    }

    /// The keys with different values, sorted.
    var differences: [Difference] {
        Set(original.values.keys).union(generated.values.keys).compactMap { place -> Difference? in
            let before = original.values[place], after = generated.values[place]
            return before == after ? nil : Difference(place.owner, place.key, original: before, generated: after)
        }.sorted { $0.description < $1.description }
    }

    private static func machine(with plaintexts: [String: String]) -> Machine {
        let secrets = Secrets(versions: plaintexts.mapValues { _ in "1" }) { names in
            try Dictionary(
                uniqueKeysWithValues: names.map { name in
                    (name, try SecretBytes(copying: Array((plaintexts[name] ?? "").utf8)))
                })
        }
        return FakeMachine().run(with: secrets).machine
    }

    /// What docker-compose says of the files of a stack, as they are on a machine.
    private static func config(of stack: Stack, on machine: Machine) async throws -> String {
        let folder = FileManager.default.temporaryDirectory.appending(path: "propel-meaning-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "docker-compose.yml")
        try Data(stack.composeText.utf8).write(to: file)
        var files = [file.path]
        for secrets in stack.secretFiles where secrets.path == stack.overrideFile {
            let override = folder.appending(path: "docker-compose.override.yml")
            try await secrets.withBytes(on: machine) { try Data($0).write(to: override) }
            files.append(override.path)
        }
        return try await config(files)
    }

    private static func config(_ files: [String]) async throws -> String {
        let command = Invocation("docker-compose", files.flatMap { ["-f", $0] } + ["config"])
        let result = try await LocalCommands().run(command)
        try #require(result.succeeded, "\(command): \(String(decoding: result.errors, as: UTF8.self))")
        return result.text
    }
}

/// A key that means something else after an import.
struct Difference: CustomStringConvertible {
    let owner: String
    let key: String
    /// Nil if the key is not there.
    let original: String?
    let generated: String?

    init(_ owner: String, _ key: String, original: String?, generated: String?) {
        self.owner = owner
        self.key = key
        self.original = original
        self.generated = generated
    }

    func isChange(_ original: String?, _ generated: String?) -> Bool {
        self.original == original && self.generated == generated
    }

    var description: String { "\(owner): \(key): \(original ?? "nothing") → \(generated ?? "nothing")" }
}
