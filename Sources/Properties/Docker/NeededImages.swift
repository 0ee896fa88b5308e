/// The images of the engine that must not be removed.
struct NeededImages {
    /// Their IDs.
    let ids: Set<String>

    /// - Parameter declared: the names of those that the host declares.
    /// - Throws: ``Failure`` if a record of a stack cannot be parsed.
    init(declared: [String], on machine: Machine) async throws {
        let records = try StackRecord.all(on: machine)
        var ids = Set(records.flatMap(\.imageIDs))
        let containers = try await machine.lines(of: DockerCommand.ps(all: true))
        if !containers.isEmpty {
            let used = DockerCommand.inspect(containers: containers, format: "{{.Image}}")
            ids.formUnion(try await machine.linesIgnoringMissing(of: used))
        }
        // A name may belong to another image than the one that was deployed.
        let names = Set(declared + records.flatMap(\.imageNames)).sorted()
        if !names.isEmpty {
            let named = DockerCommand.inspect(images: names, format: "{{.Id}}")
            ids.formUnion(try await machine.linesIgnoringMissing(of: named))
        }
        self.ids = ids
    }

    func contain(_ image: StoredImage) -> Bool { ids.contains(image.id) || image.isKeptByStack }
}

extension StackRecord {
    /// The IDs of the images that it was deployed with, or that a rollback may go back to.
    fileprivate var imageIDs: [String] {
        [current?.imageIDs, previousImages, refusedImages, former?.imageIDs].compactMap(\.self).flatMap(\.values)
    }

    /// The names of those images.
    fileprivate var imageNames: [String] { [current?.images, former?.images].compactMap(\.self).flatMap(\.values) }
}
