/// The compose project that ran under the name of a stack before the stack was first deployed.
///
/// The first deployment takes its volumes and containers over. Until a second version of the stack is healthy, its
/// images and a copy of its compose files are kept: the containers can be created from them again.
struct FormerProject: Sendable, Equatable {
    /// A container, as it was before the first deployment.
    struct Service: Sendable, Equatable {
        var name: String
        /// The ID of the container.
        var container: String
        /// The name of its image, and the ID that the name belonged to.
        var image: String
        var imageID: String
        var isRunning: Bool
        /// Whether it ran, and its health check, if it had one, succeeded.
        var wasHealthy: Bool
        var origin: Origin
    }

    /// The files that compose created a container from.
    struct Origin: Sendable, Hashable {
        /// The directory that relative paths begin at.
        var directory: FilePath
        /// The compose files, later ones over earlier ones.
        var files: [FilePath]
        /// The files that variables are interpolated from.
        var environmentFiles: [FilePath]
    }

    /// A copy of a compose file or of a file with variables.
    struct Copy: Sendable, Equatable {
        var original: FilePath
        var copy: FilePath
        var hash: String
    }

    var services: [Service]
    var copies: [Copy] = []
    /// The time at which its containers were last started again after a deployment that failed; nil if they never were.
    var restarted: String?

    /// The IDs of its images, by the names of the services.
    var imageIDs: [String: String] { Dictionary(services.map { ($0.name, $0.imageID) }) { first, _ in first } }
    /// The names of its images, by the names of the services.
    var images: [String: String] { Dictionary(services.map { ($0.name, $0.image) }) { first, _ in first } }
    /// The IDs of its containers.
    var containers: Set<String> { Set(services.map(\.container)) }
}

// MARK: - The record

extension FormerProject {
    init(_ json: JSON) throws {
        services = try (json["services"]?.array ?? []).map { try Service($0) }
        copies = try (json["copies"]?.array ?? []).map {
            Copy(
                original: FilePath(try $0.text("original")), copy: FilePath(try $0.text("copy")),
                hash: try $0.text("hash"))
        }
        restarted = json["restarted"]?.string
    }

    var json: JSON {
        .object(present: [
            "services": .array(services.map(\.json)),
            "copies": .array(
                copies.map {
                    [
                        "original": .string($0.original.string), "copy": .string($0.copy.string),
                        "hash": .string($0.hash),
                    ]
                }),
            "restarted": restarted.map(JSON.string),
        ])
    }
}

extension FormerProject.Service {
    init(_ json: JSON) throws {
        self.init(
            name: try json.text("name"), container: try json.text("container"), image: try json.text("image"),
            imageID: try json.text("imageID"), isRunning: json["isRunning"] == true,
            wasHealthy: json["wasHealthy"] == true,
            origin: FormerProject.Origin(
                directory: FilePath(try json.text("directory")),
                files: (json["files"]?.array ?? []).compactMap(\.string).map { FilePath($0) },
                environmentFiles: (json["environmentFiles"]?.array ?? []).compactMap(\.string).map { FilePath($0) }))
    }

    var json: JSON {
        .object(present: [
            "name": .string(name), "container": .string(container), "image": .string(image),
            "imageID": .string(imageID), "isRunning": .bool(isRunning), "wasHealthy": .bool(wasHealthy),
            "directory": .string(origin.directory.string),
            "files": .array(origin.files.map { .string($0.string) }),
            "environmentFiles": .array(origin.environmentFiles.map { .string($0.string) }),
        ])
    }
}
