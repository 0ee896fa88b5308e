extension RestoreTest {
    /// Does to the restored data what the stack says, and backs them up again.
    /// - Returns: what is in the directory then.
    func anonymize(into directory: FilePath) async throws -> [Backup.File] {
        for step in stack.anonymizations {
            guard let container = stack.containers.first(where: { $0.name == step.container }) else { continue }
            machine.showProgress("making data of \(container.name) anonymous")
            let (command, result) = try await run(step.command, in: container)
            guard result.succeeded else {
                throw Failure(
                    "the data of \(container.name) could not be made anonymous", command: command.description,
                    ending: result.ending.description,
                    output: String(decoding: result.output + result.errors, as: UTF8.self).split(
                        whereSeparator: \.isNewline
                    ).map(String.init),
                    advice: "Correct the Anonymization of the stack \(stack.name).")
            }
        }
        for file in backup.files where file.method == .dump {
            guard let volume = stack.dataVolumes.first(where: { $0.name == file.volume }),
                case .dump(let words, _) = volume.backup, let name = volume.containers.first
            else { continue }
            let command = Invocation("docker", ["exec", standIn(name)] + words, timeout: .hours(6))
            try await write(command, file, into: directory)
        }
        // What a program still holds in memory is in its files then.
        try await stopAll()
        for file in backup.files where file.method == .archive {
            try await write(Archive.creation(of: try await mountpoint(of: file.volume)), file, into: directory)
        }
        let paths = backup.files.map { directory.appending($0.name) }
        try await machine.succeed(Invocation("sync", ["--"] + paths.map(\.string)))
        let sums = try await StackBackups.checksums(of: paths, on: machine)
        return try zip(backup.files, paths).map { file, path in
            try machine.files.setMode(0o600, of: path)
            return Backup.File(
                volume: file.volume, method: file.method, bytes: try machine.files.status(of: path)?.size ?? 0,
                sha256: sums[path] ?? "")
        }
    }

    private func write(_ command: Invocation, _ file: Backup.File, into directory: FilePath) async throws {
        let result = try await machine.run(command.writing(to: directory.appending(file.name)))
        guard result.succeeded else {
            throw Failure(
                "the volume \(file.volume) could not be backed up once it was anonymous", of: command, result,
                advice: "`df` on the machine tells whether there is room.")
        }
    }
}
