/// The hash of a file that was downloaded, known without reading the file again: a program may be large.
struct KnownDownload {
    private let path: FilePath
    private let machine: Machine

    init(_ path: FilePath, on machine: Machine) {
        self.path = path
        self.machine = machine
    }

    private var record: FilePath {
        Machine.state.appending("downloads").appending(escaping: path.string + ".json")
    }

    /// The SHA-256 of the file: as it was remembered, if it is still the same file with the same size and times.
    /// - Throws: ``FileError`` if it cannot be read.
    func hash(of found: FileStatus) throws -> String {
        if let bytes = try machine.files.readIfPresent(record), let json = try? JSON(parsing: bytes),
            json["file"]?.string == found.mark, let hash = json["sha256"]?.string
        {
            return hash
        }
        return try machine.files.hash(of: path)
    }

    /// The hash that was found in a signed list for this; nil if there was none.
    func hash(from origin: String?) throws -> String? {
        guard let origin, let bytes = try machine.files.readIfPresent(record), let json = try? JSON(parsing: bytes),
            json["origin"]?.string == origin
        else { return nil }
        return json["sha256"]?.string
    }

    /// - Parameter origin: what the hash was found for, if it was found in a signed list.
    func remember(_ hash: String, from origin: String? = nil) throws {
        guard let found = try machine.files.status(of: path) else { return }
        var fields: [String: JSON] = ["sha256": .string(hash), "file": .string(found.mark)]
        if let origin { fields["origin"] = .string(origin) }
        let json = JSON.object(fields)
        try machine.files.replacePrivate(record, with: Array(json.pretty.utf8))
    }

    func forget() throws { try machine.files.remove(record) }
}
