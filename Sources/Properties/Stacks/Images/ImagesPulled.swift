/// The images of a stack are the newest of their names: what a tag such as `latest` means now was pulled.
///
/// The containers stay as they are: the next deployment recreates those whose image is another one, and restores the
/// former images if one does not become healthy.
struct ImagesPulled: Property {
    typealias Target = DebianLike

    let stack: Stack
    /// Identifies this request, such as the time: where a registry does not tell digests, images are pulled once for
    /// it.
    let request: String

    var name: String { "newest images of \(stack.name)" }

    /// - Throws: ``Undetermined`` if there is no engine yet, ``Failure`` if docker's answer cannot be parsed.
    func check(on machine: Machine) async throws -> Check {
        if try isDone(on: machine) { return .satisfied }
        let changes = try await changes(on: machine)
        return changes.isEmpty ? .satisfied : .unmet(changes.map(\.words).joined(separator: "; "))
    }

    func apply(on machine: Machine) async throws {
        let changes = try await changes(on: machine)
        try await ImagePull.apply(changes.map { $0.pull }, on: machine)
        machine.forgetFacts()
        try machine.files.replacePrivate(record, with: Array("\(request)\n".utf8))
    }

    private var record: FilePath { stack.record("pulled") }

    private func isDone(on machine: Machine) throws -> Bool {
        try machine.files.readIfPresent(record).map { $0 == Array("\(request)\n".utf8) } ?? false
    }

    /// An image that the registry has another one for, or may have.
    private struct Change {
        var container: Container
        var pull: ImagePull
        var present: String?
        var newest: String?

        var words: String {
            let digests = newest.map { "\(present.map { "\(Self.short($0)) → " } ?? "")\(Self.short($0))" }
            return "\(container.name): \(pull.image) \(digests ?? "(the registry does not tell its digest)")"
        }

        private static func short(_ digest: String) -> String { String(digest.prefix("sha256:".utf8.count + 12)) }
    }

    private func changes(on machine: Machine) async throws -> [Change] {
        var changes: [Change] = []
        // A digest always means the same image.
        for container in stack.containers.unique(by: \.image)
        where container.origin == .registry && !container.image.contains("@") {
            // One that is not there is pulled by the deployment.
            guard let present = try await ImageDigest.present(of: container.image, on: machine) else { continue }
            machine.showProgress("asking for \(container.image)")
            let newest = try await ImageDigest.newest(of: container.image, on: machine)
            if let newest, present.contains(newest) { continue }
            changes.append(
                Change(
                    container: container, pull: container.imagePull, present: present.first, newest: newest))
        }
        return changes
    }
}

/// The digests of images, by which registries name what a tag means.
enum ImageDigest {
    /// The digests under which an image was pulled; nil if there is no such image.
    /// - Throws: ``Undetermined`` if there is no engine yet, ``Failure`` if docker's answer cannot be parsed.
    static func present(of image: String, on machine: Machine) async throws -> [String]? {
        guard try await FoundImage.find(image, on: machine) != nil else { return nil }
        let answer = try await machine.answer(of: DockerCommand.inspect(image: image, format: "{{json .RepoDigests}}"))
        guard let json = try? JSON(parsing: answer.trimmed) else {
            throw Failure("unexpected answer from docker about the image \(image): “\(answer.trimmed.escaped)”")
        }
        // Such as “nginx@sha256:…”.
        return (json.array ?? []).compactMap { $0.string?.split(separator: "@").last.map(String.init) }
    }

    /// The digest that a registry has for an image now; nil if it cannot be asked.
    static func newest(of image: String, on machine: Machine) async throws -> String? {
        let result = try await machine.run(DockerCommand.manifest(of: image))
        guard result.succeeded, let json = try? JSON(parsing: result.text.trimmed) else { return nil }
        return json["digest"]?.string
    }
}
