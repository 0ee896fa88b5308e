import Foundation
import Propel

@testable import PropelCLI

/// The compose files of the folder Fixtures: of the kinds that people have.
enum Corpus {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")

    /// The one that has what cannot be taken over.
    static let withOmissions = "omissions"

    static var names: [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.filter { !$0.hasPrefix(".") }.sorted()
    }

    /// The path of the compose file.
    static func file(of name: String) throws -> String {
        let directory = folder.appending(path: name)
        let files = try FileManager.default.contentsOfDirectory(atPath: directory.path)
        let file = files.first { $0.hasSuffix("compose.yaml") || $0.hasSuffix("compose.yml") } ?? ""
        return directory.appending(path: file).path
    }

    static func project(_ name: String) throws -> ComposeProject {
        try ComposeProject(files: [try file(of: name)], environment: nil, name: name)
    }

    static func importing(_ name: String) throws -> (swift: String, omissions: [String]) {
        var swift = ComposeImport(try project(name), directory: FilePath("/home/anna/\(name)"))
        let text = swift.swift()
        return (text, swift.omissions)
    }
}
