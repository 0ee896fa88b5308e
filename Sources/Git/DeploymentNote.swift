public import Foundation

/// A deployment, as a line of JSON in the note on its commit.
public struct DeploymentNote: Codable, Sendable, Equatable {
    /// The end of the run in whole seconds, written as ISO 8601 in UTC.
    public var time: Date
    /// The name of the host in `hosts.conf`.
    public var host: String
    /// The result of the run, such as `converged` or `failed`.
    public var result: String
    /// The properties that the run was restricted to (`--only`); nil for the whole host.
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

    /// The note as a line, without a newline.
    func line() throws -> String {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .iso8601
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }

    /// Reads a line; nil if it is something else, which another program may have written.
    init?(line: String) {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        guard let note = try? decoder.decode(DeploymentNote.self, from: Data(line.utf8)) else { return nil }
        self = note
    }
}
