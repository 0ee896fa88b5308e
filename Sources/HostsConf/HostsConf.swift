import Foundation
import Propel
import Vocabulary

/// `hosts.conf`: which machine plays which role, and how to reach it.
public struct HostsConf: Sendable, Equatable {
    /// The name of the file, as errors print it.
    public let file: String
    /// In the order of the file.
    public let hosts: [MachineEntry]
    /// The rules of the table `fleet`; none where it is left out.
    public let policy: FleetPolicy
    /// What builds the program for machines with another processor than this one's, where the table `fleet` names it.
    public let builders: [Architecture: Builder]

    /// Reads the file at `path`.
    ///
    /// - Throws: ``Errors`` with everything that is wrong with the file, among it that it cannot be read.
    public init(readingFrom path: String, roles: [Role]) throws(Errors) {
        let contents: Data
        do {
            contents = try Data(contentsOf: URL(filePath: path))
        } catch {
            let reason =
                FileManager.default.fileExists(atPath: path)
                ? "cannot be read: \((error as NSError).localizedFailureReason ?? error.localizedDescription)"
                : "does not exist; propel is run in the folder of the configuration, beside its hosts.conf"
            throw Errors(file: path, problems: [Problem(line: 0, message: reason)])
        }
        try self.init(parsing: [UInt8](contents), file: path, roles: roles)
    }

    /// Reads `bytes`, which must be UTF-8.
    ///
    /// - Parameter file: The name of the file, for errors.
    /// - Throws: ``Errors`` with everything that is wrong.
    public init(parsing bytes: [UInt8], file: String, roles: [Role]) throws(Errors) {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Errors(file: file, problems: [Self.notUTF8(bytes)])
        }
        try self.init(parsing: text, file: file, roles: roles)
    }

    /// Reads `text`.
    ///
    /// - Parameters:
    ///   - file: The name of the file, for errors.
    ///   - roles: The roles that an entry may name.
    /// - Throws: ``Errors`` with everything that is wrong.
    public init(parsing text: String, file: String = "hosts.conf", roles: [Role]) throws(Errors) {
        let document = try Document(parsing: text, file: file)
        var reader = FileReader(document: document, roles: roles)
        reader.read()
        guard reader.problems.isEmpty else { throw Errors(file: file, problems: reader.problems) }
        self.file = file
        self.hosts = reader.hosts
        self.policy = reader.policy
        self.builders = reader.builders
    }

    /// The entry of `name`.
    ///
    /// - Throws: ``UnknownHost`` with the nearest names and the list of all.
    public func host(named name: String) throws(UnknownHost) -> MachineEntry {
        guard let host = hosts.first(where: { $0.entry.name == name }) else {
            throw UnknownHost(name: name, file: file, known: hosts.map(\.entry.name))
        }
        return host
    }

    private static func notUTF8(_ bytes: [UInt8]) -> Problem {
        // Decoding puts U+FFFD where it fails; the first that is not the text's own is the place.
        var good = bytes.startIndex
        for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            if String(validating: line, as: UTF8.self) == nil { good = line.startIndex; break }
        }
        let line = 1 + bytes[..<good].count { $0 == UInt8(ascii: "\n") }
        return Problem(line: line, message: "is not UTF-8; save the file in that encoding (iconv -t UTF-8)")
    }
}
