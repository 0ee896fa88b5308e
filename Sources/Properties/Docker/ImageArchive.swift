/// An image that is loaded from an archive of `docker save`.
///
/// Docker's classic store names an image by the hash of its configuration, which is in the archive. containerd's image
/// store, which a new Docker 29 has, names it by the digest of a manifest that may be made only when it is loaded. So
/// what the engine called the image after loading is remembered.
struct ImageArchive: Sendable {
    let image: String
    let path: FilePath
    /// `sha256:…`; nil to accept any image in the archive.
    let id: String?

    /// An image in the archive.
    private struct Archived {
        /// The hash of its configuration: its ID in the classic store.
        var configuration: String
        /// The names that it is loaded under.
        var names: [String]
    }

    func check(on machine: Machine) async throws -> Check {
        try validate()
        guard let present = try await FoundImage.known(image, on: machine) else {
            return .unmet("load \(shortened(try await wanted(on: machine).configuration)) from \(path)")
        }
        let loaded = LoadedImage(image: image, machine: machine)
        if let id, try present.id == id || loaded.isSame(present.id, as: id) { return .satisfied }
        let wanted = try await wanted(on: machine).configuration
        return try present.id == wanted || loaded.isSame(present.id, as: wanted)
            ? .satisfied : .unmet("\(shortened(present.id)) → \(shortened(wanted)), from \(path)")
    }

    func apply(on machine: Machine) async throws {
        try validate()
        let wanted = try await wanted(on: machine)
        let output = try await machine.succeed(DockerCommand.load(path)).text
        // The archive may contain it under other names, or under none.
        let tag = DockerCommand.tag(wanted.configuration, as: image)
        let result = try await machine.run(tag)
        if !result.succeeded, !wanted.names.contains(image) {
            // containerd's store does not know it by its configuration.
            guard let name = wanted.names.first ?? Self.loadedID(output) else {
                throw CommandFailure(command: tag, result: result)
            }
            try await machine.succeed(DockerCommand.tag(name, as: image))
        }
        guard let present = try await FoundImage.find(image, on: machine) else { return }
        let loaded = LoadedImage(image: image, machine: machine)
        if present.id == wanted.configuration {
            try loaded.forget()
        } else {
            try loaded.remember(present.id, as: [wanted.configuration] + (id.map { [$0] } ?? []))
        }
    }

    /// The ID in the output of `docker load` for an image without a name: “Loaded image ID: sha256:…”.
    private static func loadedID(_ output: String) -> String? {
        output.lines.compactMap { line in
            line.firstRange(of: "Loaded image ID: ").map { String(line[$0.upperBound...]).trimmed }
        }.first
    }

    private func shortened(_ id: String) -> String { String(id.split(separator: ":").last?.prefix(12) ?? "") }

    private func validate() throws {
        guard path.isAbsolute else {
            throw Failure(
                "“\(path.string.escaped)” is not an absolute path of an archive",
                advice: "Write it from the root on: /srv/app.tar.")
        }
        if let id {
            let digits = id.dropFirst(7)
            guard id.hasPrefix("sha256:"), digits.utf8.count == 64,
                digits.utf8.allSatisfy(\.isLowercaseHexadecimalDigit)
            else {
                throw Failure(
                    "invalid image ID “\(id.escaped)”",
                    advice: "`docker image inspect --format '{{.Id}}' IMAGE` prints it: sha256: and 64 digits.")
            }
        }
    }

    /// The image in the archive: the hash of its configuration is the name of that file.
    private func wanted(on machine: Machine) async throws -> Archived {
        guard try machine.files.status(of: path)?.kind == .file else {
            throw Failure(
                "there is no archive \(path)",
                advice: "Write one with `docker save --output FILE \(image)` where it was built, and copy it there.")
        }
        let result = try await machine.succeed(extracting("manifest.json"))
        let images = (try? JSON(parsing: result.output))?.array ?? []
        let named = images.filter { $0["RepoTags"]?.array?.contains { $0.string == image } == true }
        guard let chosen = named.first ?? (images.count == 1 ? images.first : nil), let file = chosen["Config"]?.string
        else {
            let names = images.flatMap { $0["RepoTags"]?.array?.compactMap(\.string) ?? [] }.joined(separator: ", ")
            throw Failure(
                "the archive \(path) does not contain the image \(image)",
                advice:
                    "Write one with `docker save --output FILE \(image)` where it was built. (It contains: "
                    + "\(names.escaped))"
            )
        }
        // HASH.json, or blobs/sha256/HASH from docker 25 on.
        let hash = file.split(separator: "/").last?.split(separator: ".").first ?? ""
        let found = "sha256:\(hash)"
        guard hash.utf8.count == 64 else {
            throw Failure(
                "the archive \(path) does not name the ID of its image", advice: "Write it again with `docker save`.")
        }
        var isDeclared = id == nil || id == found
        if let id, !isDeclared { isDeclared = try await manifests(on: machine).contains(id) }
        guard isDeclared else {
            throw Failure(
                "the archive \(path) contains the image \(found), but \(id ?? "") is declared",
                advice: "Copy the right archive there, or declare the other ID.")
        }
        return Archived(configuration: found, names: chosen["RepoTags"]?.array?.compactMap(\.string) ?? [])
    }

    /// The digests of the manifests in the archive, from docker 25 on: the IDs that an engine with containerd's store
    /// has for its images.
    private func manifests(on machine: Machine) async throws -> [String] {
        let result = try await machine.run(extracting("index.json"))
        let manifests = result.succeeded ? (try? JSON(parsing: result.output))?["manifests"]?.array : nil
        return manifests?.compactMap { $0["digest"]?.string } ?? []
    }

    private func extracting(_ file: String) -> Invocation {
        Invocation("tar", ["--extract", "--to-stdout", "--occurrence=1", "--file=\(path)", file], timeout: .hours(1))
    }
}
