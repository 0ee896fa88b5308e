extension RestoreTest {
    /// Anonymizes the restored data, and backs them up again.
    /// - Returns: the files in the directory.
    func anonymize(into directory: FilePath) async throws -> [Backup.File] {
        for step in stack.anonymizations {
            guard let container = stack.container(named: step.container) else { continue }
            machine.showProgress("anonymizing the data of \(container.name)")
            let (command, result) = try await run(step.command, in: container)
            guard result.succeeded else {
                throw Failure(
                    "the data of \(container.name) could not be anonymized", command: command.description,
                    ending: result.ending.description,
                    output: String(decoding: result.output + result.errors, as: UTF8.self).nonEmptyLines.map(
                        String.init),
                    advice: "Correct the Anonymization of the stack \(stack.name).")
            }
        }
        for file in backup.files where file.method == .dump {
            guard let volume = stack.dataVolumes.first(where: { $0.name == file.volume }),
                case .dump(let words, _) = volume.backup, let name = volume.containers.first
            else { continue }
            try await write(DockerCommand.exec(words, in: temporaryName(name)), file, into: directory)
        }
        // Programs write to their files what they still hold in memory.
        try await stopAll()
        for file in backup.files where file.method == .archive {
            try await write(Archive.creation(of: try await mountpoint(of: file.volume)), file, into: directory)
        }
        return try await StackBackups.describe(
            backup.files.map { ($0.volume, $0.method) }, in: directory, of: stack, on: machine)
    }

    private func write(_ command: Invocation, _ file: Backup.File, into directory: FilePath) async throws {
        let result = try await machine.run(command.writing(to: directory.appending(file.name)))
        guard result.succeeded else {
            throw Failure(
                "the anonymized volume \(file.volume) could not be backed up", of: command, result,
                advice: "`df` on the machine tells whether there is room.")
        }
    }
}
