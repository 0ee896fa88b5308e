/// A backup of the data of a stack: what the `backup.json` in its directory says.
public struct Backup: Sendable, Equatable {
    /// What is kept of one volume.
    public struct File: Sendable, Equatable {
        public enum Method: String, Sendable {
            /// All files of the volume, in a tar archive.
            case archive
            /// What a command within the container wrote.
            case dump
        }

        /// The volume's name in the stack.
        public var volume: String
        public var method: Method
        public var bytes: Int
        public var sha256: String

        /// Its own name.
        var name: String { Self.name(of: volume, method) }

        static func name(of volume: String, _ method: Method) -> String {
            volume + (method == .archive ? ".tar.gz" : ".dump")
        }
    }

    /// The name of its directory: when it was begun, in UTC.
    public var id: String
    /// When it was begun, ISO 8601 in UTC.
    public var time: String
    /// The name of the stack.
    public var stack: String
    /// Why it was made, in words.
    public var why: String
    /// The change that it was made before: the deployment that was there, and the version that was to come.
    var before: String?
    /// What was deployed; nil where nothing had been by Propel.
    var deployment: StackRecord.Deployment?
    public var files: [File]
    /// The volumes in which nothing was.
    public var empty: [String]

    /// The version of the format of its data; nil where nobody knows it.
    public var dataFormat: Int? { triedFormat ?? deployment?.dataFormat }
    /// That of a version which was started with them and did not do its work: it may have changed them.
    var triedFormat: Int?
    /// The host whose data they are, where that is not this one.
    var origin: String?
    /// Of all its files.
    public var bytes: Int { files.reduce(0) { $0 + $1.bytes } }
}

extension Backup {
    /// - Throws: where it is not what ``json`` writes.
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
                throw Failure("there is no such method: \(try file.text("method").escaped)")
            }
            return File(
                volume: try file.text("volume"), method: method, bytes: try file.number("bytes"),
                sha256: try file.text("sha256"))
        }
        empty = (json["empty"]?.array ?? []).compactMap(\.string)
        guard files.allSatisfy({ Stack.isName($0.volume) }) else {
            throw Failure("it has a volume with a name that is none")
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
    /// Whether a text can be a backup's name.
    static func isID(_ text: String) -> Bool {
        guard let first = text.utf8.first, first.isASCIILetterOrDigit, text.utf8.count <= 100 else { return false }
        return text.utf8.allSatisfy { $0.isASCIILetterOrDigit || "-_".utf8.contains($0) }
    }
}
