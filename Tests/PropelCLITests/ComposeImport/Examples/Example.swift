import Foundation
import Propel
import Properties

@testable import PropelCLI

/// A compose project with the Swift that the import prints for it: one of each kind that people have.
struct Example: Sendable, CustomStringConvertible {
    /// The name of the project, and of its folder in Fixtures.
    let name: String
    /// The file with the Swift, beside this one.
    let file: String
    let host: @Sendable (HostEntry) throws -> Propel.Host

    static let all = [
        Example(name: "edge", file: "Edge.swift", host: edgeExample),
        Example(name: "forum", file: "Forum.swift", host: forumExample),
        Example(name: "tickets", file: "Tickets.swift", host: ticketsExample),
        Example(name: "bookshop", file: "Bookshop.swift", host: bookshopExample),
        Example(name: "smart-home", file: "SmartHome.swift", host: smartHomeExample),
        Example(name: "weather-station", file: "WeatherStation.swift", host: weatherStationExample),
    ]

    var description: String { name }
    var folder: URL { Corpus.folder.appending(path: name) }
    /// The directory of the project on the machine.
    var directory: String { "/opt/\(name)" }

    func importing() throws -> (swift: String, secrets: SecretNames) {
        var swift = ComposeImport(try Corpus.project(name), directory: FilePath(directory))
        let text = swift.swift()
        return (text, swift.secrets)
    }

    /// The Swift as it is in the file, without the function around it.
    func committed() throws -> String {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: file)
        let lines = try String(contentsOf: file, encoding: .utf8).components(separatedBy: "\n")
        guard let start = lines.firstIndex(where: { $0.hasSuffix("runs: Debian.self) {") }),
            let end = lines.lastIndex(of: "    }")
        else { return "" }
        return lines[(start + 1)..<end].map { "\($0.dropFirst(8))\n" }.joined()
    }

    /// The host, on which all profiles are on.
    func describe() throws -> Propel.Host {
        let profiles = try Corpus.project(name).services.flatMap { $0.value["profiles"]?.strings ?? [] }
        let keys = Dictionary(profiles.map { ("profile-\($0)", JSON.bool(true)) }) { first, _ in first }
        return try host(HostEntry(name: "\(name).example.com", role: name, keys: keys))
    }

    /// The values that the secrets have in the project.
    func plaintexts() throws -> [String: String] {
        try importing().secrets.found.reduce(into: [:]) { plaintexts, secret in
            let file = secret.file.map { folder.appending(path: $0) }
            plaintexts[secret.name] = try secret.value ?? file.map { try String(contentsOf: $0, encoding: .utf8) }
        }
    }
}
