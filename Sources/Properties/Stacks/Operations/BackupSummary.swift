/// A backup as `propel backup list` shows it.
public struct BackupSummary: StackAnswer, Hashable {
    /// The name of the backup.
    public var id: String
    /// The name of the stack.
    public var stack: String
    public var content: Content

    public enum Content: Sendable, Hashable {
        case intact(Details)
        /// A damaged backup, which cannot be restored, and the reason.
        case damaged(reason: String)
    }

    /// Properties of an intact backup.
    public struct Details: Sendable, Hashable {
        /// When it was begun, ISO 8601 in UTC.
        public var time: String
        /// The reason for which it was taken.
        public var why: String
        /// The size of all its files.
        public var bytes: Int
        /// The names of the volumes that it has data of.
        public var volumes: [String]
        /// The format of the data; nil if it is unknown.
        public var dataFormat: Int?
        /// The host whose data they are, if it is another one.
        public var origin: String?
        /// The images of the containers when it was taken, by the names of the containers.
        public var images: [String: String]
        /// The last restore test; nil if there was none.
        public var test: Test?

        public init(
            time: String, why: String, bytes: Int, volumes: [String], dataFormat: Int? = nil, origin: String? = nil,
            images: [String: String] = [:], test: Test? = nil
        ) {
            self.time = time
            self.why = why
            self.bytes = bytes
            self.volumes = volumes
            self.dataFormat = dataFormat
            self.origin = origin
            self.images = images
            self.test = test
        }
    }

    /// The result of a restore test.
    public struct Test: Sendable, Hashable {
        /// When it was made, ISO 8601 in UTC.
        public var time: String
        /// The reason why it failed; nil if it succeeded.
        public var failure: String?

        public init(time: String, failure: String? = nil) {
            self.time = time
            self.failure = failure
        }
    }

    public init(id: String, stack: String, content: Content) {
        self.id = id
        self.stack = stack
        self.content = content
    }

    /// The details of an intact backup; nil if it is damaged.
    public var details: Details? { if case .intact(let details) = content { details } else { nil } }
}

extension BackupSummary {
    public init(_ json: JSON) throws {
        id = try json.text("id")
        stack = try json.text("stack")
        if let reason = try json.optionalText("damaged") {
            content = .damaged(reason: reason)
        } else {
            content = .intact(try Details(json))
        }
    }

    public var json: JSON {
        var members: [String: JSON] = ["id": .string(id), "stack": .string(stack)]
        switch content {
        case .damaged(let reason): members["damaged"] = .string(reason)
        case .intact(let details): members.merge(details.members) { $1 }
        }
        return .object(members)
    }
}

extension BackupSummary.Details {
    fileprivate init(_ json: JSON) throws {
        self.init(
            time: try json.text("time"), why: try json.text("why"), bytes: try json.number("bytes"),
            volumes: try json.texts("volumes"), dataFormat: json["dataFormat"]?.integer,
            origin: try json.optionalText("origin"),
            images: json.strings("images"),
            test: try json["test"].map { try BackupSummary.Test($0) })
    }

    fileprivate var members: [String: JSON] {
        let members: [String: JSON?] = [
            "time": .string(time), "why": .string(why), "bytes": .integer(bytes),
            "volumes": .array(volumes.map(JSON.string)), "test": test?.json,
            "dataFormat": dataFormat.map(JSON.integer), "origin": origin.map(JSON.string),
            "images": .object(images.mapValues(JSON.string)),
        ]
        return members.compactMapValues(\.self)
    }
}

extension BackupSummary.Test {
    fileprivate init(_ json: JSON) throws {
        self.init(time: try json.text("time"), failure: try json.optionalText("failure"))
    }

    fileprivate var json: JSON {
        .object(present: ["time": .string(time), "ok": .bool(failure == nil), "failure": failure.map(JSON.string)])
    }
}
