/// An image that is loaded from an archive of `docker save`.
struct ImageArchive: Sendable {
    let image: String
    let path: FilePath
    /// `sha256:…`; nil to accept any image in the archive.
    let id: String?

    func check(on machine: Machine) async throws -> Check {
        try validate()
        guard let present = try await FoundImage.find(image, on: machine) else {
            return .unmet("load \(shortened(try await wanted(on: machine))) from \(path)")
        }
        if let id, present.id == id { return .satisfied }
        let wanted = try await wanted(on: machine)
        return present.id == wanted
            ? .satisfied : .unmet("\(shortened(present.id)) → \(shortened(wanted)), from \(path)")
    }

    func apply(on machine: Machine) async throws {
        try validate()
        let wanted = try await wanted(on: machine)
        try await machine.succeed(DockerCommand.load(path))
        // The archive may contain it under other names.
        try await machine.succeed(DockerCommand.tag(wanted, as: image))
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

    /// The ID of the image in the archive: the hash of its configuration, after which that file is named.
    private func wanted(on machine: Machine) async throws -> String {
        guard try machine.files.status(of: path)?.kind == .file else {
            throw Failure(
                "there is no archive \(path)",
                advice: "Write one with `docker save --output FILE \(image)` where it was built, and copy it there.")
        }
        let command = Invocation(
            "tar", ["--extract", "--to-stdout", "--occurrence=1", "--file=\(path)", "manifest.json"], timeout: .hours(1)
        )
        let result = try await machine.succeed(command)
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
        guard id == nil || id == found else {
            throw Failure(
                "the archive \(path) contains the image \(found), but \(id ?? "") is declared",
                advice: "Copy the right archive there, or declare the other ID.")
        }
        return found
    }
}
