/// There is a repository. It is made only if it is certainly missing: one that cannot be reached, or whose disk is not
/// mounted, may exist.
struct RepositoryInitialized: Property {
    typealias Target = DebianLike

    let backup: RepositoryBackup

    var name: String { "repository" }
    var claims: [Claim] {
        [Claim("the repository of \(backup.unit)", is: backup.repository.fingerprint, summary: "initialized")]
    }

    /// Without asking the repository: it may be far away.
    func check(on machine: Machine) async throws -> Check {
        for path in [backup.program.executable, backup.command] where try machine.files.status(of: path) == nil {
            throw Undetermined(until: "something before it makes \(path)")
        }
        let known = try machine.files.readIfPresent(backup.places.record)
        guard known != (try await mark(on: machine)) else { return .satisfied }
        return .unmet("look for the repository, and initialize it if there is none")
    }

    func apply(on machine: Machine) async throws {
        if let point = backup.mountPoint, try MountTable(machine)[point] == nil {
            throw Failure(
                "\(point) is not mounted, and the repository of the backup \(backup.id) is there",
                advice: "Mount it, then run again.")
        }
        let words = backup.program == .restic ? ["cat", "config"] : ["list", "--last=1", "--short"]
        let command = Invocation(backup.command.string, words, timeout: .minutes(5))
        let result = try await machine.run(command)
        if !result.succeeded {
            guard try await isMissing(result, machine) else {
                var failure = Failure(describing: CommandFailure(command: command, result: result))
                failure.message = "the repository of the backup \(backup.id) cannot be opened"
                failure.advice = "It is not known to be missing, so none was made. Look at the last lines."
                throw failure
            }
            machine.showProgress("initializing the repository")
            try await machine.succeed(
                Invocation(
                    backup.command.string,
                    backup.program == .restic ? ["init"] : ["init", "--encryption=repokey-blake2"],
                    timeout: .minutes(30)))
        }
        try machine.files.replacePrivate(backup.places.record, with: try await mark(on: machine))
    }

    private func mark(on machine: Machine) async throws -> [UInt8] {
        Array(SHA256.hash(Array(try await backup.repository.resolved(on: machine).form.utf8)).utf8)
    }

    /// Whether it is certain that there is no repository.
    private func isMissing(_ result: CommandResult, _ machine: Machine) async throws -> Bool {
        if let bytes = try await backup.repository.resolved(on: machine).bytes, bytes.first == UInt8(ascii: "/") {
            let path = FilePath(String(decoding: bytes, as: UTF8.self))
            guard let found = try machine.files.status(of: path) else { return true }
            return try found.kind == .directory && machine.files.list(path).isEmpty
        }
        let errors = String(decoding: result.errors, as: UTF8.self)
        switch backup.program {
        case .restic:
            // Since 0.17 the exit status says so; before, the message of each kind of storage.
            if result.ending == .exited(10) { return true }
            let signs = [
                "file does not exist", "no such file or directory", "The specified key does not exist",
                "unexpected HTTP response (404)",
            ]
            return errors.contains("unable to open config file") && signs.contains { errors.contains($0) }
        case .borg:
            return errors.nonEmptyLines.contains { line in
                line.hasPrefix("Repository ") && String(line).trimmed.hasSuffix(" does not exist.")
            }
        }
    }
}
