/// The images that the containers of a stack are made from, by what they are: a name is another image's once one is built, loaded or
/// pulled under it.
///
/// Those of the last good version have a name of Propel's own as well, so that nothing that tidies up takes them for unused.
struct StackImages {
    let stack: Stack
    let machine: Machine

    /// Why an image is kept.
    enum Reason: String, CaseIterable {
        /// The container of the last good version has it.
        case good
        /// It did not do its work, and is tried again.
        case refused
    }

    /// No registry can be meant by it.
    private static let repository = "propel.localhost"

    /// A name that keeps an image; neither part of the tag has a dot in it.
    private func keeping(_ reason: Reason, _ container: String) -> String {
        "\(Self.repository)/\(reason.rawValue):\(stack.name).\(container)"
    }

    /// By the names of the containers, what each was made from.
    func ids(of found: StackContainers) async throws -> [String: String] {
        guard !found.all.isEmpty else { return [:] }
        let answer = try await machine.succeed(
            Invocation(
                "docker",
                ["inspect", "--type", "container", "--format", #"{{.Id}}\#t{{.Image}}"#, "--"] + found.all.map(\.id)))
        var ids: [String: String] = [:]
        for line in answer.text.split(separator: "\n") {
            let fields = line.split(separator: "\t").map(String.init)
            if fields.count == 2, let one = found.all.first(where: { $0.id == fields[0] }) { ids[one.name] = fields[1] }
        }
        return ids
    }

    /// What a name stands for; nil where the machine has no such image.
    func id(of name: String) async throws -> String? {
        if case .found(let image) = try await FoundImage.look(for: name, on: machine) { image.id } else { nil }
    }

    private func tag(_ id: String, _ name: String) async throws {
        try await machine.run("docker", "image", "tag", id, name)
    }

    func keep(_ ids: [String: String], as reason: Reason) async throws {
        for (container, id) in ids.sorted(by: { $0.key < $1.key }) { try await tag(id, keeping(reason, container)) }
    }

    /// Takes the names away that keep others than these.
    func keepOnly(good: some Collection<String>, refused: some Collection<String>) async throws {
        let needed = Set(good.map { keeping(.good, $0) } + refused.map { keeping(.refused, $0) })
        let answer = try await machine.succeed(
            Invocation(
                "docker",
                [
                    "image", "ls", "--format", "{{.Repository}}:{{.Tag}}", "--filter",
                    "reference=\(Self.repository)/*:\(stack.name).*",
                ]))
        let unneeded = answer.text.split(separator: "\n").map(String.init).filter {
            $0.hasPrefix(Self.repository) && !needed.contains($0)
        }
        // One that somebody's container is made from stays until the next time.
        if !unneeded.isEmpty { _ = try await machine.run(Invocation("docker", ["image", "rm", "--"] + unneeded)) }
    }

    // MARK: - The way back

    /// What the names of the images of the last good version stand for by now, where that is another one; what is named by its digest is
    /// never another.
    private func meanings(
        since current: StackRecord.Deployment
    ) async throws -> [(container: String, name: String, good: String, present: String?)] {
        var known: [String: String?] = [:],
            others: [(container: String, name: String, good: String, present: String?)] = []
        for (container, good) in current.imageIDs.sorted(by: { $0.key < $1.key }) {
            guard let name = current.images[container], !name.contains("@") else { continue }
            if known[name] == nil { known[name] = .some(try await id(of: name)) }
            let present = known[name] ?? nil
            if present != good { others.append((container, name, good, present)) }
        }
        return others
    }

    /// By the names of the containers, the images that have the names by now that those of the last good version had.
    /// - Throws: ``DeploymentError`` where one of that version is gone.
    func replaced(since current: StackRecord.Deployment) async throws -> [String: String] {
        var replaced: [String: String] = [:]
        for (container, name, good, present) in try await meanings(since: current) {
            guard try await id(of: good) != nil else {
                throw DeploymentError(
                    Failure("the image \(name) that \(container) had (\(good.shortID)) is not there any more"))
            }
            replaced[container] = present
        }
        return replaced
    }

    /// Gives the names back to the images that the last good version had.
    func restoreTags(of current: StackRecord.Deployment) async throws {
        for (_, name, good, _) in try await meanings(since: current) { try await tag(good, name) }
    }

    /// The containers whose image gave way to the one before, as far as that still has the name.
    private func rolledBack(_ record: StackRecord) -> [Container] {
        stack.containers.filter { record.refusedImages[$0.name] != nil && record.current?.images[$0.name] == $0.image }
    }

    /// Those of them that want the newer one still: what a registry's name stands for is not looked for again, so nobody else would try
    /// it. What is built or loaded is looked at by its own property, which is going to bring it.
    func refused(_ record: StackRecord) async throws -> [String] {
        var names: [String] = []
        for container in rolledBack(record) {
            if container.origin == .registry {
                if try await id(of: keeping(.refused, container.name)) == record.refusedImages[container.name] {
                    names.append(container.name)
                }
            } else if case .unmet = try? await container.brought.check(on: machine) {
                names.append(container.name)
            }
        }
        return names
    }

    /// Gives the names to the images again that gave way. Where somebody has brought another one since, or has removed it, it stays so.
    func retry(_ record: StackRecord) async throws {
        for container in rolledBack(record) where container.origin == .registry {
            guard let id = record.refusedImages[container.name],
                try await self.id(of: keeping(.refused, container.name)) == id
            else { continue }
            if try await self.id(of: container.image) == record.current?.imageIDs[container.name] {
                try await tag(id, container.image)
            }
        }
    }

    /// How to have done with one that was refused.
    func advice(_ replaced: [String: String]) -> String? {
        let containers = stack.containers.filter { $0.origin == .registry && replaced[$0.name] != nil }
        guard !containers.isEmpty else { return nil }
        let names = containers.map { keeping(.refused, $0.name) }.joined(separator: " ")
        return
            "Pull a corrected image of the same name, give another tag, or stay with the one before: docker image rm \(names). Otherwise the next run tries it again."
    }
}

extension String {
    /// Of an image's id, as docker shows it.
    fileprivate var shortID: String { String(split(separator: ":").last?.prefix(12) ?? "") }
}
