public import Foundation

/// One deployment, as a line of JSON in the note on the commit that was deployed.
public struct DeploymentNote: Codable, Sendable, Equatable {
    /// When the run ended; whole seconds, written as ISO 8601 in UTC.
    public var time: Date
    /// The name of the host in `hosts.conf`.
    public var host: String
    /// How the run ended, such as `converged` or `failed`.
    public var result: String
    /// What it was restricted to; nil where it was the whole host.
    public var only: [String]?
    /// The SHA-256 of the `propel-enforce` that ran, in hexadecimal.
    public var enforcer: String

    public init(time: Date, host: String, result: String, only: [String] = [], enforcer: String) {
        self.time = time
        self.host = host
        self.result = result
        self.only = only.isEmpty ? nil : only
        self.enforcer = enforcer
    }

    /// One line, without its end.
    func line() throws -> String {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .iso8601
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }

    /// nil where the line is something else, which another program may have written.
    init?(line: String) {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        guard let note = try? decoder.decode(DeploymentNote.self, from: Data(line.utf8)) else { return nil }
        self = note
    }
}
