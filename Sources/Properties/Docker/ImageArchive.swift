/// What `docker save` wrote of an image, to be loaded.
struct ImageArchive: Sendable {
    let image: String
    let path: FilePath
    /// `sha256:…`; nil where whatever image the archive has is the right one.
    let id: String?

    func check(on machine: Machine) async throws -> Check {
        try validate()
        switch try await FoundImage.look(for: image, on: machine) {
        case .unknown(let until): return .unknown(until: until)
        case .absent: return .unmet("load \(shortened(try await wanted(on: machine))) from \(path)")
        case .found(let present):
            if let id, present.id == id { return .satisfied }
            let wanted = try await wanted(on: machine)
            return present.id == wanted
                ? .satisfied : .unmet("\(shortened(present.id)) → \(shortened(wanted)), from \(path)")
        }
    }

    func apply(on machine: Machine) async throws {
        try validate()
        let wanted = try await wanted(on: machine)
        try await machine.succeed(DockerCommand.load(path))
        // The archive may have it under other names.
        try await machine.succeed(DockerCommand.tag(wanted, as: image))
    }

    private func shortened(_ id: String) -> String { String(id.split(separator: ":").last?.prefix(12) ?? "") }

    private func validate() throws {
        guard path.isAbsolute else {
            throw Failure(
                "“\(path.string.escaped)” is no absolute path of an archive",
                advice: "Write it from the root on: /srv/app.tar.")
        }
        if let id {
            let digits = id.dropFirst(7)
            guard id.hasPrefix("sha256:"), digits.utf8.count == 64,
                digits.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) })
            else {
                throw Failure(
                    "“\(id.escaped)” is no id of an image",
                    advice: "`docker image inspect --format '{{.Id}}' IMAGE` tells it: sha256: and 64 digits.")
            }
        }
    }

    /// The id of the image in the archive: the hash of its configuration, whose file is named by it.
    private func wanted(on machine: Machine) async throws -> String {
        guard try machine.files.status(of: path)?.kind == .file else {
            throw Failure(
                "there is no archive \(path)",
                advice: "Put there what `docker save --output FILE \(image)` wrote where it was built.")
        }
        let command = Invocation(
            "tar", ["--extract", "--to-stdout", "--occurrence=1", "--file=\(path)", "manifest.json"], timeout: .hours(1)
        )
        let result = try await machine.succeed(command)
        let images = (try? JSON(parsing: result.output))?.array ?? []
        let named = images.filter { $0["RepoTags"]?.array?.contains { $0.string == image } == true }
        guard let chosen = named.first ?? (images.count == 1 ? images.first : nil), let file = chosen["Config"]?.string
        else {
            throw Failure(
                "the archive \(path) has no image \(image)",
                advice:
                    "Write one with `docker save --output FILE \(image)` where it was built. (It has: \(images.flatMap { $0["RepoTags"]?.array?.compactMap(\.string) ?? [] }.joined(separator: ", ").escaped))"
            )
        }
        // HASH.json, or blobs/sha256/HASH from docker 25 on.
        let hash = file.split(separator: "/").last?.split(separator: ".").first ?? ""
        let found = "sha256:\(hash)"
        guard hash.utf8.count == 64 else {
            throw Failure("the archive \(path) names no id of its image", advice: "Write it anew with `docker save`.")
        }
        guard id == nil || id == found else {
            throw Failure(
                "the archive \(path) has the image \(found), and \(id ?? "") is declared",
                advice: "Put the right archive there, or declare the other id.")
        }
        return found
    }
}
