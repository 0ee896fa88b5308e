/// A backup of the data of a stack, as the `backup.json` in its directory describes it.
struct Backup: Sendable, Equatable {
    /// The file with the data of one volume.
    struct File: Sendable, Equatable {
        enum Method: String, Sendable {
            /// A tar archive of all files of the volume.
            case archive
            /// The output of a command in the container.
            case dump
        }

        /// The name of the volume in the stack.
        var volume: String
        var method: Method
        var bytes: Int
        var sha256: String

        /// The name of the file.
        var name: String { Self.name(of: volume, method) }

        static func name(of volume: String, _ method: Method) -> String {
            volume + (method == .archive ? ".tar.gz" : ".dump")
        }
    }

    /// The name of the backup and of its directory, such as the time when it was begun.
    var id: String
    /// When it was begun, ISO 8601 in UTC.
    var time: String
    /// The name of the stack.
    var stack: String
    /// The reason, as a list of backups shows it.
    var why: String
    /// The change that it precedes; see ``BackupBeforeChange/key(_:_:)``.
    var before: String?
    /// The deployment at that time; nil if Propel had deployed nothing.
    var deployment: StackRecord.Deployment?
    var files: [File]
    /// The names of the volumes that were empty.
    var empty: [String]

    /// The format of its data; nil if it is unknown.
    var dataFormat: Int? { triedFormat ?? deployment?.dataFormat }
    /// The format of a version that was started with the data and failed: it may have changed them.
    var triedFormat: Int?
    /// The host whose data they are; nil for this one.
    var origin: String?
    /// The size of all its files.
    var bytes: Int { files.reduce(0) { $0 + $1.bytes } }
}

extension Backup {
    /// Decodes what ``json`` encodes.
    init(_ json: JSON) throws {
        id = try json.text("id")
        time = try json.text("time")
        stack = try json.text("stack")
        why = try json.text("why")
        before = json["before"]?.string
        deployment = try json["deployment"].map { try StackRecord.Deployment($0) }
        triedFormat = json["triedFormat"]?.integer
        origin = json["origin"]?.string
        files = try (json["files"]?.array ?? []).map { file in
            guard let method = File.Method(rawValue: try file.text("method")) else {
                throw Failure("unknown backup method “\(try file.text("method").escaped)”")
            }
            return File(
                volume: try file.text("volume"), method: method, bytes: try file.number("bytes"),
                sha256: try file.text("sha256"))
        }
        empty = (json["empty"]?.array ?? []).compactMap(\.string)
        guard files.allSatisfy({ Stack.isName($0.volume) }) else {
            throw Failure("invalid name of a volume")
        }
    }

    var json: JSON {
        .object(present: [
            "id": .string(id), "time": .string(time), "stack": .string(stack), "why": .string(why),
            "before": before.map(JSON.string),
            "deployment": deployment?.json, "triedFormat": triedFormat.map(JSON.integer),
            "origin": origin.map(JSON.string), "empty": .array(empty.map(JSON.string)),
            "files": .array(
                files.map {
                    [
                        "volume": .string($0.volume), "method": .string($0.method.rawValue),
                        "bytes": .integer($0.bytes), "sha256": .string($0.sha256),
                    ]
                }),
        ])
    }
}

extension Backup {
    /// Writes its description into its directory.
    func write(in directory: FilePath, on machine: Machine) throws {
        try machine.files.replace(directory.appending("backup.json"), with: Array(json.pretty.utf8), mode: 0o600)
    }

    /// The problems with a name for a backup.
    static func problems(ofID id: String) -> [String] {
        isID(id) ? [] : ["invalid name of a backup “\(id.escaped)”: use letters, digits, “-” and “_”"]
    }

    /// Whether a string can be the name of a backup.
    static func isID(_ text: String) -> Bool {
        guard let first = text.utf8.first, first.isASCIILetterOrDigit, text.utf8.count <= 100 else { return false }
        return text.utf8.allSatisfy { $0.isASCIILetterOrDigit || "-_".utf8.contains($0) }
    }
}
