/// What a machine remembers of a stack: which version of it runs, and of what its containers were made.
///
/// Kept under `/var/lib/propel/stacks`, readable by root alone.
struct StackRecord: Sendable, Equatable {
    /// A version that all containers became healthy with.
    struct Deployment: Sendable, Equatable {
        /// Tells it from every other, also of the same version: two have different backups before them.
        var id: String
        /// See ``Stack/version``.
        var version: String
        var dataFormat: Int
        /// When it was deployed, ISO 8601 in UTC.
        var time: String
        /// The image of each container, by its name.
        var images: [String: String]
        /// What those names stood for, by the names of the containers: docker's ids. A name may be another image's by now.
        var imageIDs: [String: String] = [:]
        /// The names of its containers that do something once, in the order in which they do it.
        var once: [String] = []
        /// What its containers kept their data in.
        var volumes: [UsedVolume] = []
        /// The copy of its files; nil where there is none.
        var snapshot: SnapshotReference?
    }

    /// A volume, as a container had it.
    struct UsedVolume: Sendable, Hashable {
        var container: String
        /// In docker.
        var dockerName: String
        /// Where the container saw it.
        var path: String
        var isBackedUp: Bool
    }

    /// Names the snapshot of a healthy version and its hash; see ``Snapshot``.
    struct SnapshotReference: Sendable, Hashable {
        /// Of its directory.
        var name: String
        /// Over all of it: nobody may have changed what is put back one day.
        var hash: String
    }

    /// What a container was made with.
    struct Made: Sendable, Equatable {
        /// As docker knows it.
        var id: String
        /// The hash of the files with secrets that it has mounted: docker does not look into those.
        var secretFiles: String
        /// Whether it need not have succeeded: what it does once was done to the data before, by one that it took the place of.
        var isExcused = false
    }

    /// The last good one.
    var current: Deployment?
    /// The highest format of the data of a version that was started with them and did not do its work; nil where there was none.
    var triedFormat: Int?
    /// The format that the data may have: also a version that never did its work may have changed them. Only a restore lowers it. nil
    /// where nothing was ever started.
    var dataFormat: Int? { [triedFormat, current?.dataFormat].compactMap(\.self).max() }
    /// By the names of the containers.
    var containers: [String: Made] = [:]
    /// By the names of the containers, the images that did not do their work and gave their names back to those before. They are tried
    /// again.
    var refusedImages: [String: String] = [:]
    /// The version that is being put in place. Until it is healthy, or the one before is back, what is needed for the way back is kept.
    var pending: String?

    /// The ids of its containers.
    var made: Set<String> { Set(containers.values.map(\.id)) }

    /// The ids of the containers that need not have succeeded.
    var excused: Set<String> { Set(containers.values.filter(\.isExcused).map(\.id)) }

    /// Whether a container was made by a deployment that ended well, with these files.
    func isMade(_ found: StackContainers.Found, with secretFiles: String) -> Bool {
        containers[found.name].map { $0.id == found.id && $0.secretFiles == secretFiles } ?? false
    }

    /// From here on these are its containers.
    mutating func take(
        _ found: StackContainers, secretFiles: (String) -> String, isExcused: (StackContainers.Found) -> Bool
    ) {
        containers = Dictionary(
            found.all.map { ($0.name, Made(id: $0.id, secretFiles: secretFiles($0.name), isExcused: isExcused($0))) }
        ) { first, _ in first }
    }

    private static func path(of stack: Stack) -> FilePath {
        Machine.state.appending("stacks").appending(FilePath.Component(escaping: stack.name + ".json"))
    }

    /// An empty one where nothing is remembered.
    /// - Throws: ``Failure`` where it cannot be understood: it says what may be lost by a deployment.
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
        } catch {
            throw Failure(
                "what is remembered of the stack \(stack.name) cannot be read: \(error)",
                advice:
                    "Look at \(Self.path(of: stack)). Without it the stack counts as never deployed: move it away, and the next run deploys it anew, with no way back to the version before."
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
            "pending": pending.map(JSON.string),
            "refusedImages": refusedImages.isEmpty ? nil : .object(refusedImages.mapValues(JSON.string)),
            "triedFormat": triedFormat.map(JSON.integer),
        ])
        let path = Self.path(of: stack)
        try machine.files.createDirectories(path.removingLastComponent(), mode: 0o700)
        try machine.files.replace(path, with: Array(json.pretty.utf8), mode: 0o600)
    }
}

extension StackRecord.Deployment {
    init(_ json: JSON) throws {
        self.init(
            id: try json.text("id"), version: try json.text("version"), dataFormat: try json.number("dataFormat"),
            time: try json.text("time"),
            images: (json["images"]?.object ?? [:]).compactMapValues(\.string),
            imageIDs: (json["imageIDs"]?.object ?? [:]).compactMapValues(\.string),
            once: (json["once"]?.array ?? []).compactMap(\.string),
            volumes: try (json["volumes"]?.array ?? []).map { volume in
                StackRecord.UsedVolume(
                    container: try volume.text("container"), dockerName: try volume.text("volume"),
                    path: try volume.text("path"),
                    isBackedUp: volume["isBackedUp"] == true)
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
            "once": once.isEmpty ? nil : .array(once.map(JSON.string)),
            "volumes": volumes.isEmpty
                ? nil
                : .array(
                    volumes.map {
                        [
                            "container": .string($0.container), "volume": .string($0.dockerName),
                            "path": .string($0.path), "isBackedUp": .bool($0.isBackedUp),
                        ]
                    }),
            "copy": snapshot.map { ["name": .string($0.name), "hash": .string($0.hash)] },
        ])
    }
}
