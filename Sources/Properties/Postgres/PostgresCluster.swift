/// A PostgreSQL server as Debian lays it out (pg_lsclusters(1)): `/etc/postgresql/VERSION/NAME`.
struct PostgresCluster: Equatable {
    let version: String
    let name: String
    let dataDirectory: FilePath
    /// How to connect to it; nil if it does not run.
    let socket: Socket?

    /// The socket of a server that runs.
    struct Socket: Equatable {
        var directory: String
        var port: UInt16
    }

    static let root: FilePath = "/etc/postgresql"

    var directory: FilePath { Self.root.appending(version).appending(name) }
    var unit: String { "postgresql@\(version)-\(name).service" }
    /// A program of the version of the server.
    func program(_ name: String) -> String { "/usr/lib/postgresql/\(version)/bin/\(name)" }

    /// The server of the machine: the only one, or the one on port 5432.
    /// - Throws: ``Undetermined`` without a server, ``Failure`` if it cannot be told which.
    static func find(on machine: Machine) throws -> PostgresCluster {
        let found = try all(on: machine)
        guard found.count > 1 else {
            guard let only = found.first else { throw Undetermined(until: "there is a PostgreSQL server") }
            return only
        }
        guard let standard = found.first(where: { $0.socket?.port == 5432 }) else {
            let names = found.map { "\($0.version)/\($0.name)" }.joined(separator: ", ")
            throw Failure(
                "there are several PostgreSQL servers, and none runs on port 5432: \(names)",
                advice: "Start the one that is meant, or remove the others: pg_dropcluster VERSION NAME.")
        }
        return standard
    }

    static func all(on machine: Machine) throws -> [PostgresCluster] {
        var found: [PostgresCluster] = []
        for version in try list(root, on: machine) where version.utf8.first?.isASCIIDigit == true {
            for name in try list(root.appending(version), on: machine) {
                let file = root.appending(version).appending(name).appending("postgresql.conf")
                guard let bytes = try machine.files.readIfPresent(file) else { continue }
                let data =
                    dataDirectory(in: String(decoding: bytes, as: UTF8.self))
                    ?? FilePath("/var/lib/postgresql/\(version)/\(name)")
                found.append(
                    PostgresCluster(
                        version: version, name: name, dataDirectory: data, socket: try socket(in: data, on: machine)))
            }
        }
        return found
    }

    private static func list(_ directory: FilePath, on machine: Machine) throws -> [String] {
        guard try machine.files.status(of: directory)?.kind == .directory else { return [] }
        return try machine.files.list(directory)
    }

    private static func dataDirectory(in text: String) -> FilePath? {
        for line in text.lines where line.hasPrefix("data_directory") {
            let value = line.dropFirst("data_directory".count).drop { $0 == " " || $0 == "\t" || $0 == "=" }
            let path = FilePath(String(value.dropFirst().prefix { $0 != "'" }))
            if value.hasPrefix("'"), path.isAbsolute { return path }
        }
        return nil
    }

    /// The socket, from the file that a running server keeps in its data directory.
    private static func socket(in directory: FilePath, on machine: Machine) throws -> Socket? {
        guard let bytes = try machine.files.readIfPresent(directory.appending("postmaster.pid")) else { return nil }
        let lines = String(decoding: bytes, as: UTF8.self).lines.map { String($0).trimmed }
        guard lines.count > 4, let port = UInt16(lines[3]), lines[4].hasPrefix("/") else { return nil }
        return Socket(directory: lines[4], port: port)
    }
}
