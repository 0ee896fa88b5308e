extension RepositoryBackup {
    /// Backs up now. A backup that has begun is waited for: it may have passed what is new.
    /// - Throws: ``CommandFailure`` if it does not succeed.
    func backUp(on machine: Machine) async throws {
        try await machine.succeed(Invocation(directory.appending("backup").string, [], timeout: .hours(24)))
    }

    /// The names of the snapshots of this machine, newest first.
    /// - Throws: ``CommandFailure`` if the repository cannot be read, ``Failure`` if the answer cannot be parsed.
    func snapshots(on machine: Machine) async throws -> [String] {
        let host = try machine.files.text("/proc/sys/kernel/hostname").trimmed
        switch program {
        case .restic:
            let answer = try await ask(["snapshots", "--json", "--tag=\(tag)", "--host=\(host)"], on: machine)
            guard let all = try? JSON(parsing: answer.trimmed).array else {
                throw Failure(
                    "unexpected answer of restic about its snapshots: “\(String(answer.trimmed.prefix(200)).escaped)”")
            }
            // Oldest first.
            return all.compactMap { $0["id"]?.string }.reversed()
        case .borg:
            let answer = try await ask(
                ["list", "--short", "--glob-archives=\(host)-\(id)-\(Self.anyTime)"], on: machine)
            return answer.nonEmptyLines.map(String.init).reversed()
        }
    }

    /// The names of what a directory contains in a snapshot; none if it is not there.
    /// - Throws: ``CommandFailure`` if the repository cannot be read.
    func names(in directory: FilePath, of snapshot: String, on machine: Machine) async throws -> [String] {
        let answer =
            switch program {
            case .restic: try await ask(["ls", "--quiet", snapshot, directory.string], on: machine)
            // Its paths have no first slash.
            case .borg: try await ask(["list", "--short", "::\(snapshot)", Self.relative(directory)], on: machine)
            }
        let start = (program == .restic ? directory.string : Self.relative(directory)) + "/"
        let below = answer.nonEmptyLines.map(String.init).filter { $0.hasPrefix(start) }
        return Set(below.compactMap { $0.dropFirst(start.count).split(separator: "/").first.map(String.init) }).sorted()
    }

    /// Restores paths of a snapshot below a folder.
    /// - Throws: ``CommandFailure`` if it does not succeed.
    func restore(_ paths: [FilePath], of snapshot: String, below folder: FilePath, on machine: Machine) async throws {
        switch program {
        case .restic:
            let includes = paths.map { "--include=\($0)" }
            _ = try await ask(["restore", snapshot, "--quiet", "--target=\(folder)"] + includes, on: machine)
        case .borg:
            // It restores into the directory that it runs in.
            let script = "cd -- \"$1\" && shift && exec \"$@\""
            let words = ["extract", "::\(snapshot)"] + paths.map(Self.relative)
            try await machine.succeed(
                Invocation("/bin/sh", ["-c", script, "sh", folder.string] + locked(words), timeout: .hours(24)))
        }
    }

    /// The answer of the program. It waits for a backup and its clean-up, which keep others out.
    private func ask(_ words: [String], on machine: Machine) async throws -> String {
        let command = locked(words)
        return try await machine.succeed(
            Invocation(command[0], Array(command.dropFirst()), timeout: .hours(24))
        ).text
    }

    private func locked(_ words: [String]) -> [String] { ["flock", places.lock.string, command.string] + words }

    private static func relative(_ path: FilePath) -> String { String(path.string.dropFirst()) }
}
