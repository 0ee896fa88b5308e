/// The record on the disk. Its keys stay as they are: a machine may have one that an older version of Propel wrote.
extension StackRecord {
    private static func path(of stack: Stack) -> FilePath {
        Machine.state.appending("stacks").appending(FilePath.Component(escaping: stack.name + ".json"))
    }

    /// Reads the record of a stack; an empty one if the machine has none.
    /// - Throws: ``Failure`` if it cannot be parsed: it says what a deployment may lose.
    init(of stack: Stack, on machine: Machine) throws {
        guard let bytes = try machine.files.readIfPresent(Self.path(of: stack)) else { return }
        do {
            let json = try JSON(parsing: bytes)
            pending = json["pending"]?.string
            triedFormat = json["triedFormat"]?.integer
            refusedImages = (json["refusedImages"]?.object ?? [:]).compactMapValues(\.string)
            containers = try (json["containers"]?.object ?? [:]).mapValues { made in
                Made(
                    id: try made.text("id"), secretFiles: try made.text("secretFiles"),
                    isExcused: made["isExcused"] == true)
            }
            current = try json["current"].map { try Deployment($0) }
            former = try json["former"].map { try FormerProject($0) }
        } catch {
            throw Failure(
                "the record of the stack \(stack.name) cannot be read: \(error)",
                advice:
                    "See \(Self.path(of: stack)). Move it away, and the stack counts as never deployed: the next "
                    + "run deploys it, and cannot roll back."
            )
        }
    }

    func write(of stack: Stack, on machine: Machine) throws {
        let json: JSON = .object(present: [
            "current": current?.json,
            "containers": .object(
                containers.mapValues { made in
                    .object(present: [
                        "id": .string(made.id), "secretFiles": .string(made.secretFiles),
                        "isExcused": made.isExcused ? .bool(true) : nil,
                    ])
                }),
            "former": former?.json,
            "pending": pending.map(JSON.string),
            "refusedImages": refusedImages.isEmpty ? nil : .object(refusedImages.mapValues(JSON.string)),
            "triedFormat": triedFormat.map(JSON.integer),
        ])
        let path = Self.path(of: stack)
        try machine.files.replacePrivate(path, with: Array(json.pretty.utf8))
    }
}

extension StackRecord.Deployment {
    init(_ json: JSON) throws {
        self.init(
            id: try json.text("id"), version: try json.text("version"), dataFormat: try json.number("dataFormat"),
            time: try json.text("time"),
            images: (json["images"]?.object ?? [:]).compactMapValues(\.string),
            imageIDs: (json["imageIDs"]?.object ?? [:]).compactMapValues(\.string),
            oneShots: (json["once"]?.array ?? []).compactMap(\.string),
            volumes: try (json["volumes"]?.array ?? []).map { volume in
                StackRecord.UsedVolume(
                    container: try volume.text("container"), source: try volume.text("volume"),
                    path: try volume.text("path"),
                    isBackedUp: volume["isBackedUp"] == true, name: volume["name"]?.string)
            },
            snapshot: try json["copy"].map {
                StackRecord.SnapshotReference(name: try $0.text("name"), hash: try $0.text("hash"))
            })
    }

    var json: JSON {
        .object(present: [
            "id": .string(id), "version": .string(version), "dataFormat": .integer(dataFormat), "time": .string(time),
            "images": .object(images.mapValues(JSON.string)),
            "imageIDs": imageIDs.isEmpty ? nil : .object(imageIDs.mapValues(JSON.string)),
            "once": oneShots.isEmpty ? nil : .array(oneShots.map(JSON.string)),
            "volumes": volumes.isEmpty
                ? nil
                : .array(
                    volumes.map {
                        .object(present: [
                            "container": .string($0.container), "volume": .string($0.source),
                            "path": .string($0.path), "isBackedUp": .bool($0.isBackedUp),
                            "name": $0.name.map(JSON.string),
                        ])
                    }),
            "copy": snapshot.map { ["name": .string($0.name), "hash": .string($0.hash)] },
        ])
    }
}
