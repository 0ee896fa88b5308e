/// The record on the disk. Its keys stay as they are: a machine may have one that an older version of Propel wrote.
extension StackRecord {
    private static let ending = "json"

    private static func path(of stack: Stack) -> FilePath { stack.record(ending) }

    /// The records of all stacks that were ever deployed on the machine, whether or not the host still declares them.
    /// - Throws: ``Failure`` if one cannot be parsed.
    static func all(on machine: Machine) throws -> [StackRecord] {
        guard try machine.files.status(of: Stack.records) != nil else { return [] }
        return try machine.files.list(Stack.records).filter { $0.hasSuffix(".\(ending)") }.sorted().map {
            try StackRecord(of: String($0.dropLast(ending.count + 1)), at: Stack.records.appending($0), on: machine)
        }
    }

    /// Reads the record of a stack; an empty one if the machine has none.
    /// - Throws: ``Failure`` if it cannot be parsed: it says what a deployment may lose.
    init(of stack: Stack, on machine: Machine) throws {
        try self.init(of: stack.name, at: Self.path(of: stack), on: machine)
    }

    private init(of stack: String, at path: FilePath, on machine: Machine) throws {
        guard let bytes = try machine.files.readIfPresent(path) else { return }
        do {
            let json = try JSON(parsing: bytes)
            pending = json["pending"]?.string
            triedFormat = json["triedFormat"]?.integer
            previousImages = json.strings("previousImages")
            refusedImages = json.strings("refusedImages")
            containers = try Made.all(json["containers"])
            before = try json["before"].map { try Before($0) }
            current = try json["current"].map { try Deployment($0) }
            former = try json["former"].map { try FormerProject($0) }
        } catch {
            throw Failure(
                "the record of the stack \(stack) cannot be read: \(error)",
                advice:
                    "See \(path). Move it away, and the stack counts as never deployed: the next "
                    + "run deploys it, and cannot roll back."
            )
        }
    }

    func write(of stack: Stack, on machine: Machine) throws {
        let json: JSON = .object(present: [
            "current": current?.json,
            "before": before?.json,
            "containers": .object(containers.mapValues(\.json)),
            "former": former?.json,
            "pending": pending.map(JSON.string),
            "previousImages": .strings(previousImages),
            "refusedImages": .strings(refusedImages),
            "triedFormat": triedFormat.map(JSON.integer),
        ])
        let path = Self.path(of: stack)
        try machine.files.replacePrivate(path, with: Array(json.pretty.utf8))
    }
}

extension StackRecord.Made {
    /// The containers of a record, by their names.
    fileprivate static func all(_ json: JSON?) throws -> [String: StackRecord.Made] {
        try (json?.object ?? [:]).mapValues { try StackRecord.Made($0) }
    }

    private init(_ json: JSON) throws {
        self.init(
            id: try json.text("id"), secretFiles: try json.text("secretFiles"), isExcused: json["isExcused"] == true,
            description: json["description"]?.string)
    }

    fileprivate var json: JSON {
        .object(present: [
            "id": .string(id), "secretFiles": .string(secretFiles), "isExcused": isExcused ? .bool(true) : nil,
            "description": description.map(JSON.string),
        ])
    }
}

extension StackRecord.Before {
    fileprivate init(_ json: JSON) throws {
        self.init(
            run: json["run"]?.string, current: try json["current"].map { try StackRecord.Deployment($0) },
            containers: try StackRecord.Made.all(json["containers"]), previousImages: json.strings("previousImages"))
    }

    fileprivate var json: JSON {
        .object(present: [
            "run": run.map(JSON.string), "current": current?.json,
            "containers": .object(containers.mapValues(\.json)), "previousImages": .strings(previousImages),
        ])
    }
}

extension StackRecord.Deployment {
    init(_ json: JSON) throws {
        self.init(
            id: try json.text("id"), version: try json.text("version"), dataFormat: try json.number("dataFormat"),
            time: try json.text("time"), images: json.strings("images"), imageIDs: json.strings("imageIDs"),
            oneShots: (json["once"]?.array ?? []).compactMap(\.string),
            volumes: try (json["volumes"]?.array ?? []).map { try StackRecord.UsedVolume($0) },
            snapshot: try json["copy"].map {
                StackRecord.SnapshotReference(name: try $0.text("name"), hash: try $0.text("hash"))
            })
    }

    var json: JSON {
        .object(present: [
            "id": .string(id), "version": .string(version), "dataFormat": .integer(dataFormat), "time": .string(time),
            "images": .object(images.mapValues(JSON.string)), "imageIDs": .strings(imageIDs),
            "once": oneShots.isEmpty ? nil : .array(oneShots.map(JSON.string)),
            "volumes": volumes.isEmpty ? nil : .array(volumes.map(\.json)),
            "copy": snapshot.map { ["name": .string($0.name), "hash": .string($0.hash)] },
        ])
    }
}

extension StackRecord.UsedVolume {
    fileprivate init(_ json: JSON) throws {
        self.init(
            container: try json.text("container"), source: try json.text("volume"), path: try json.text("path"),
            isBackedUp: json["isBackedUp"] == true, name: json["name"]?.string)
    }

    fileprivate var json: JSON {
        .object(present: [
            "container": .string(container), "volume": .string(source), "path": .string(path),
            "isBackedUp": .bool(isBackedUp), "name": name.map(JSON.string),
        ])
    }
}

extension JSON {
    /// The strings of a member that has an object of them; none without it.
    func strings(_ key: String) -> [String: String] { (self[key]?.object ?? [:]).compactMapValues(\.string) }

    /// An object of strings; nil if it is empty.
    fileprivate static func strings(_ values: [String: String]) -> JSON? {
        values.isEmpty ? nil : .object(values.mapValues(JSON.string))
    }
}
