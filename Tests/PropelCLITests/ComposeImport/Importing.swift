import Foundation
import Propel

@testable import PropelCLI

/// Imports of projects that a test writes.
enum Importing {
    /// Imports `compose.yaml`, with files beside it.
    /// - Parameters:
    ///   - files: their contents by their paths.
    ///   - further: the paths of those that are compose files, and put over the first.
    static func project(
        _ yaml: String, _ files: [String: String] = [:], over further: [String] = [],
        directory: FilePath = "/opt/shop"
    ) throws -> (swift: String, omissions: [String]) {
        let folder = URL(filePath: NSTemporaryDirectory()).appending(path: "propel-import-\(UUID())/shop")
        defer { try? FileManager.default.removeItem(at: folder.deletingLastPathComponent()) }
        for (name, text) in files.merging(["compose.yaml": yaml], uniquingKeysWith: { $1 }) {
            let file = folder.appending(path: name)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
        let paths = (["compose.yaml"] + further).map { folder.appending(path: $0).path }
        let project = try ComposeProject(files: paths, environment: nil, name: nil)
        var swift = ComposeImport(project, directory: directory)
        let text = swift.swift()
        return (text, swift.omissions)
    }

    /// The lines within the braces of the only container.
    static func parts(_ service: String, _ files: [String: String] = [:]) throws -> [String] {
        let indented = service.split(separator: "\n", omittingEmptySubsequences: false).map { "    \($0)" }
        let text = try project(
            "services:\n  app:\n    image: app:1\n" + indented.joined(separator: "\n"), files
        ).swift
        let lines = text.components(separatedBy: "\n"), start = lines.firstIndex { $0.hasPrefix("    Container(") }
        return lines.dropFirst((start ?? 0) + 1).prefix { $0 != "    }" && $0 != "}" }.map { $0.trimmed }
    }
}
