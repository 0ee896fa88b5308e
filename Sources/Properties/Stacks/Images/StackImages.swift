/// The images that the containers of a stack are created from, by their IDs: a name belongs to another image once one
/// is built, loaded or pulled under it.
///
/// The images of the last healthy version also have a tag of Propel's, so that no clean-up takes them for unused.
struct StackImages {
    let context: StackContext

    private var stack: Stack { context.stack }
    private var machine: Machine { context.machine }

    init(_ context: StackContext) { self.context = context }

    /// The reason why an image is kept.
    enum Reason: String, CaseIterable {
        /// A container of the last healthy version was created from it.
        case good
        /// It did not become healthy, and is tried again.
        case refused
        /// A container was created from it before the first deployment; see ``FormerProject``.
        case former
        /// A container was created from it before a deployment that other hosts may still take back.
        case before
        /// It has the files of a container that failed; see ``FailedContainer``.
        case failed
    }

    /// The repository of the tags. No registry can have it.
    static let repository = "propel.localhost"

    /// The tag that keeps an image. Neither part of it contains a dot.
    func tag(_ reason: Reason, _ container: String) -> String {
        "\(Self.repository)/\(reason.rawValue):\(stack.name).\(container)"
    }

    /// The IDs of the images that containers were created from, by the names of the containers.
    func ids(of found: StackContainers) async throws -> [String: String] {
        guard !found.all.isEmpty else { return [:] }
        let answer = try await machine.succeed(
            DockerCommand.inspect(containers: found.all.map(\.id), format: #"{{.Id}}\#t{{.Image}}"#))
        var ids: [String: String] = [:]
        for row in try DockerAnswer.rows(answer.text, columns: 2) {
            if let one = found.all.first(where: { $0.id == row[0] }) { ids[one.name] = row[1] }
        }
        return ids
    }

    /// The ID of the image that a name belongs to; nil if the machine has no such image.
    func id(of name: String) async throws -> String? {
        try await FoundImage.find(name, on: machine)?.id
    }

    private func setTag(_ name: String, to id: String) async throws {
        try await context.succeed(DockerCommand.tag(id, as: name))
    }

    func keep(_ ids: [String: String], as reason: Reason) async throws {
        for (container, id) in ids.sorted(by: { $0.key < $1.key }) { try await setTag(tag(reason, container), to: id) }
    }

    /// Removes the tags that keep other images than those that a record names.
    func keepOnly(_ record: StackRecord) async throws {
        let kept: [(reason: Reason, ids: [String: String]?)] = [
            (.good, record.current?.imageIDs), (.refused, record.refusedImages), (.former, record.former?.imageIDs),
            (.before, record.before?.current?.imageIDs),
        ]
        let needed = Set(kept.flatMap { reason, ids in (ids ?? [:]).keys.map { tag(reason, $0) } })
        try await remove("*") { !needed.contains($0) }
    }

    /// Removes all tags of the stack, with the files of containers that failed.
    func keepNone() async throws { try await remove("*") { _ in true } }

    /// Removes the files of containers that failed.
    func removeFailed() async throws { try await remove(Reason.failed.rawValue) { $0.hasPrefix(tag(.failed, "")) } }

    /// Removes tags of the stack.
    /// - Parameter reason: the reason why they were kept, or `*`.
    private func remove(_ reason: String, where isUnneeded: (String) -> Bool) async throws {
        let answer = try await machine.succeed(
            DockerCommand.images(
                reference: "\(Self.repository)/\(reason):\(stack.name).*", format: "{{.Repository}}:{{.Tag}}"))
        let unneeded = answer.text.nonEmptyLines.map(String.init).filter {
            $0.hasPrefix(Self.repository) && isUnneeded($0)
        }
        // One that a container of somebody else uses stays until the next time.
        if !unneeded.isEmpty { _ = try await machine.run(DockerCommand.remove(images: unneeded)) }
        context.forget()
    }

    // MARK: - Rollback

    /// An image of the last healthy version whose name belongs to another image now.
    private struct Renamed {
        var container: String
        var name: String
        /// The ID that the container was created from.
        var good: String
        /// The ID that the name belongs to now.
        var present: String?
    }

    /// The images of the last healthy version whose names belong to others now. A digest always means the same image.
    private func renamed(_ images: [String: String], _ ids: [String: String]) async throws -> [Renamed] {
        var known: [String: String?] = [:], renamed: [Renamed] = []
        for (container, good) in ids.sorted(by: { $0.key < $1.key }) {
            guard let name = images[container], !name.contains("@") else { continue }
            if known[name] == nil { known[name] = .some(try await id(of: name)) }
            let present = known[name] ?? nil
            if present != good {
                renamed.append(Renamed(container: container, name: name, good: good, present: present))
            }
        }
        return renamed
    }

    /// The IDs of the images that have taken names of the last healthy version, by the names of the containers.
    /// - Throws: ``DeploymentError`` if an image of that version no longer exists.
    func replaced(since current: StackRecord.Deployment) async throws -> [String: String] {
        var replaced: [String: String] = [:]
        for image in try await renamed(current.images, current.imageIDs) {
            guard try await id(of: image.good) != nil else {
                throw DeploymentError(
                    Failure("the image \(image.name) of \(image.container) (\(image.good.shortID)) no longer exists"))
            }
            replaced[image.container] = image.present
        }
        return replaced
    }

    /// Gives images their names back.
    /// - Parameters:
    ///   - images: the names, by the names of the containers.
    ///   - ids: the IDs, by the names of the containers.
    func restoreTags(_ images: [String: String], _ ids: [String: String]) async throws {
        for image in try await renamed(images, ids) { try await setTag(image.name, to: image.good) }
    }

    // MARK: - Retry

    /// The containers whose image was rolled back, as far as the previous image still has the name.
    private func rolledBack(_ record: StackRecord) -> [Container] {
        stack.containers.filter { record.refusedImages[$0.name] != nil && record.current?.images[$0.name] == $0.image }
    }

    /// The names of containers whose newer image must be tried again. Nothing else tries it: a registry is not asked
    /// again for a name. What is built or loaded is checked by its own property, which is about to bring it.
    /// - Throws: ``Undetermined`` if there is no engine to ask, and whatever the check of an image throws.
    func refused(_ record: StackRecord) async throws -> [String] {
        var names: [String] = []
        for container in rolledBack(record) {
            if container.origin == .registry {
                if try await id(of: tag(.refused, container.name)) == record.refusedImages[container.name] {
                    names.append(container.name)
                }
            } else if case .unmet = try await context.check(imageOf: container) {
                names.append(container.name)
            }
        }
        return names
    }

    /// Gives the images that were rolled back their names again, unless somebody has brought another image since, or
    /// has removed it.
    func retry(_ record: StackRecord) async throws {
        for container in rolledBack(record) where container.origin == .registry {
            guard let id = record.refusedImages[container.name],
                try await self.id(of: tag(.refused, container.name)) == id
            else { continue }
            if try await self.id(of: container.image) == record.current?.imageIDs[container.name] {
                try await setTag(container.image, to: id)
            }
        }
    }

    /// How to get rid of an image that was rolled back.
    func advice(_ replaced: [String: String]) -> String? {
        let containers = stack.containers.filter { $0.origin == .registry && replaced[$0.name] != nil }
        guard !containers.isEmpty else { return nil }
        let names = containers.map { tag(.refused, $0.name) }.joined(separator: " ")
        return
            "Pull a corrected image of the same name, use another tag, or stay with the previous one: docker image "
            + "rm \(names). Otherwise the next run tries it again."
    }
}

extension String {
    /// The ID of an image, as short as docker prints it.
    fileprivate var shortID: String { String(split(separator: ":").last?.prefix(12) ?? "") }
}
