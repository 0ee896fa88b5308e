/// The images of the engine that must not be removed.
struct NeededImages {
    /// Their IDs.
    let ids: Set<String>

    /// - Parameter declared: the names of those that the host declares.
    /// - Throws: ``Failure`` if a record of a stack cannot be parsed.
    init(declared: [String], on machine: Machine) async throws {
        let records = try StackRecord.all(on: machine)
        var ids = Set(records.flatMap(\.imageIDs))
        let containers = try await machine.answer(of: DockerCommand.ps(all: true)).nonEmptyLines.map(String.init)
        if !containers.isEmpty {
            let used = DockerCommand.inspect(containers: containers, format: "{{.Image}}")
            ids.formUnion(try await machine.answerIgnoringMissing(used).nonEmptyLines.map(String.init))
        }
        // A name may belong to another image than the one that was deployed.
        let names = Set(declared + records.flatMap(\.imageNames)).sorted()
        if !names.isEmpty {
            let named = DockerCommand.inspect(images: names, format: "{{.Id}}")
            ids.formUnion(try await machine.answerIgnoringMissing(named).nonEmptyLines.map(String.init))
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

extension Machine {
    /// The answer of docker about several images or containers. Those that no longer exist are left out.
    /// - Throws: ``Undetermined`` if there is no engine yet, ``CommandFailure`` for any other error.
    func answerIgnoringMissing(_ question: Invocation) async throws -> String {
        let result = try await run(question)
        if result.succeeded { return result.text }
        let errors = String(decoding: result.errors, as: UTF8.self).nonEmptyLines
        let areMissing = errors.allSatisfy { line in
            ["No such image", "No such container", "no such object"].contains { line.firstRange(of: $0) != nil }
        }
        guard areMissing, !errors.isEmpty else {
            throw DockerCommand.missingEngine(result) ?? CommandFailure(command: question, result: result)
        }
        return result.text
    }
}
