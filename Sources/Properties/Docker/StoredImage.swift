/// An image that the docker engine has (docker-image-inspect(1)).
struct StoredImage: Sendable, Equatable {
    /// `sha256:…`
    let id: String
    /// Its names: `localhost:5000/shop/app:v1`. Empty if they belong to other images now.
    let tags: [String]
    /// Its names by digest: `shop/app@sha256:…`. Docker's classic store has them only for what was pulled or pushed,
    /// that of containerd for all that have a name.
    let digests: [String]
    /// When it was created or got its last name here, whichever is later, in seconds since 1970; nil if docker does
    /// not say.
    let time: Int?
    /// In bytes, with the layers that others share.
    let size: Int
    /// The hashes of its layers, from the base up.
    let layers: [String]

    private static let format =
        "[{{json .Id}},{{json .RepoTags}},{{json .RepoDigests}},{{json .Created}},{{json .Metadata.LastTagTime}},"
        + "{{json .Size}},{{json .RootFS.Layers}}]"

    /// The images of the engine, without the steps of builds.
    /// - Throws: ``Undetermined`` if there is no engine yet, ``Failure`` if its answer cannot be parsed.
    static func all(on machine: Machine) async throws -> [StoredImage] {
        let ids = Set(try await machine.lines(of: DockerCommand.images())).sorted()
        guard !ids.isEmpty else { return [] }
        let lines = try await machine.linesIgnoringMissing(of: DockerCommand.inspect(images: ids, format: format))
        return try lines.map { line in
            guard let image = StoredImage(line) else {
                throw Failure("unexpected answer from docker about its images: “\(String(line.prefix(200)).escaped)”")
            }
            return image
        }
    }

    private init?(_ line: String) {
        guard let fields = (try? JSON(parsing: Array(line.utf8)))?.array, fields.count == 7,
            let id = fields[0].string, let size = fields[5].integer
        else { return nil }
        func texts(_ json: JSON) -> [String] {
            // Former versions have these in place of nothing.
            (json.array ?? []).compactMap(\.string).filter { !$0.hasPrefix("<none>") }
        }
        self.id = id
        self.size = size
        tags = texts(fields[1])
        digests = texts(fields[2])
        layers = texts(fields[6])
        // Docker has the year 1 for a time that it does not know.
        time = [fields[3], fields[4]].compactMap { $0.string.flatMap { Timestamp(rfc3339: $0)?.seconds } }.filter {
            $0 > 0
        }.max()
    }

    /// Whether it has a name by which a registry may know it.
    var canBePulled: Bool { !digests.isEmpty }

    /// Whether it has a tag by which a stack keeps it.
    var isKeptByStack: Bool { tags.contains { $0.hasPrefix(StackImages.repository + "/") } }

    /// Whether docker keeps its images in the store of containerd.
    static func isStoreOfContainerd(on machine: Machine) async throws -> Bool {
        try await machine.answer(of: DockerCommand.info(format: "{{json .DriverStatus}}")).firstRange(
            of: "io.containerd.snapshotter") != nil
    }

    /// Whether a registry says that it has it.
    func isInRegistry(on machine: Machine) async throws -> Bool {
        for digest in digests where try await ImageDigest.newest(of: digest, on: machine) != nil { return true }
        return false
    }

    /// Whether it is older than a time in seconds since 1970.
    func isOlder(than limit: Int) -> Bool { time.map { $0 < limit } ?? false }

    /// Whether another image was built on it.
    func isBase(of other: StoredImage) -> Bool {
        !layers.isEmpty && other.layers.count > layers.count && other.layers.starts(with: layers)
    }

    /// Its repositories: `localhost:5000/shop/app`.
    var repositories: Set<String> { Set((tags + digests).map(Self.repository)) }

    /// The part of a name before its tag or digest. The port of a registry stands before a slash.
    static func repository(of reference: String) -> String {
        let name = reference.prefix { $0 != "@" }
        guard let colon = name.lastIndex(of: ":"), !name[colon...].contains("/") else { return String(name) }
        return String(name[..<colon])
    }

    /// The names to remove, so that the image goes with the last of them. With a tag go the digests of its repository.
    var references: [String] {
        let tagged = Set(tags.map(Self.repository))
        let names = tags + digests.filter { !tagged.contains(Self.repository(of: $0)) }
        return names.isEmpty ? [id] : names
    }

    /// Its size in whole MiB, rounded up, for people.
    var wholeSize: ByteSize { .mebibytes(max(1, (size + (1 << 20) - 1) >> 20)) }

    /// Its names for people.
    var words: String {
        references.map { name in
            guard let range = name.firstRange(of: "sha256:") else { return name }
            return String(name[..<range.upperBound]) + name[range.upperBound...].prefix(12)
        }.joined(separator: " and ")
    }
}
