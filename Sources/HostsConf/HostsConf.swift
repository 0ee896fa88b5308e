import Foundation
import Propel
import TOML
import Vocabulary

/// `hosts.conf`: the machines, their roles, and how to reach them.
public struct HostsConf: Sendable, Equatable {
    /// The name of the file, as errors print it.
    public let file: String
    /// In the order of the file.
    public let hosts: [MachineEntry]
    /// The rules of the table `fleet`; empty by default.
    public let policy: FleetPolicy
    /// The builders of the enforcer for other architectures than this computer's, as far as the table `fleet` names
    /// any.
    public let builders: [Architecture: Builder]
    let fleet: FleetView

    /// Reads the file at `path`.
    ///
    /// - Throws: ``Errors`` with everything that is wrong with the file, also if it cannot be read.
    public init(readingFrom path: String, roles: [Role]) throws(Errors) {
        let contents: Data
        do {
            contents = try Data(contentsOf: URL(filePath: path))
        } catch {
            let reason =
                FileManager.default.fileExists(atPath: path)
                ? "cannot read it: \((error as NSError).localizedFailureReason ?? error.localizedDescription)"
                : "no such file: run propel in the folder of the configuration, beside its hosts.conf"
            throw Errors(file: path, problems: [Problem(line: 0, message: reason)])
        }
        try self.init(parsing: [UInt8](contents), file: path, roles: roles)
    }

    /// Reads the content of a file.
    ///
    /// - Parameters:
    ///   - bytes: The text in UTF-8.
    ///   - file: The name of the file, for errors.
    ///   - roles: The roles that an entry may name.
    /// - Throws: ``Errors`` with everything that is wrong.
    public init(parsing bytes: [UInt8], file: String, roles: [Role]) throws(Errors) {
        var reader = FileReader(document: try Document(hostsConf: bytes, file: file), roles: roles)
        reader.read()
        guard reader.problems.isEmpty else { throw Errors(file: file, problems: reader.problems) }
        self.file = file
        self.hosts = reader.hosts
        self.policy = reader.policy
        self.builders = reader.builders
        fleet = FleetView(reader.hosts, roles: roles)
    }

    public init(parsing text: String, file: String = "hosts.conf", roles: [Role]) throws(Errors) {
        try self.init(parsing: Array(text.utf8), file: file, roles: roles)
    }

    /// Finds the entry of a host.
    ///
    /// - Throws: ``UnknownHost`` with the nearest names and the list of all.
    public func host(named name: String) throws(UnknownHost) -> MachineEntry {
        guard let host = hosts.first(where: { $0.entry.name == name }) else {
            throw UnknownHost(name: name, file: file, known: hosts.map(\.entry.name))
        }
        return host
    }
}
