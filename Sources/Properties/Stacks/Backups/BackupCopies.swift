/// A repository that has the backups of a stack too: one beside its original is lost with it.
///
///     let nas = Restic(
///         "stacks", to: "sftp:backup@nas.example.com:/srv/restic/stacks", password: Secret("restic-password"),
///         paths: ["/var/backups/propel"])
///     nas
///     Stack("shop") {
///         BackupCopies(in: nas)
///         Container("db", image: "postgres", tag: "17") { Volume("data", at: "/var/lib/postgresql/data") }
///     }
///
/// Each backup is copied as soon as it is made, the one before a change too; a deployment does not wait for a
/// repository that cannot be reached, but the run fails. `propel backup fetch HOST` brings backups back that the
/// machine does not have, for `propel restore`.
public struct BackupCopies: StackPart {
    let repository: RepositoryBackup

    /// - Parameter repository: declared before the stack, with `/var/backups/propel` among its paths.
    public init(in repository: Restic) { self.repository = repository.backup }

    /// - Parameter repository: declared before the stack, with `/var/backups/propel` among its paths.
    public init(in repository: Borg) { self.repository = repository.backup }

    public func add(to stack: inout Stack) { stack.backupCopies.append(repository) }
}

extension Stack {
    /// Repositories that do not get the backups.
    var copyProblems: [String] {
        backupCopies.filter { copy in !copy.paths.contains { backups.starts(with: $0) } }.map {
            "BackupCopies in \($0.unit), which does not have \(backups) among its paths: add \"/var/backups/propel\""
        }
            + backupCopies.map(\.unit).duplicates.map { "BackupCopies in \($0) is there twice: keep one" }
    }
}

/// All backups of a stack are in a repository elsewhere too.
struct BackupsCopied: Property {
    typealias Target = DebianLike

    let stack: Stack
    let repository: RepositoryBackup
    /// The name of the backup that is made before by hand; nil for the one before a change.
    var awaited: String?

    var name: String { "backups of \(stack.name) in \(repository.unit)" }
    var secrets: [Secret] { BackupBeforeChange(stack: stack).secrets }

    /// The names of the backups that the repository has.
    private var record: FilePath { stack.record("\(repository.unit).copied") }

    func check(on machine: Machine) async throws -> Check {
        for path in [repository.program.executable, repository.command]
        where try machine.files.status(of: path) == nil {
            throw Undetermined(until: "something before it makes \(path)")
        }
        let missing = try missing(on: machine)
        if !missing.isEmpty { return .unmet("copy \(missing.joined(separator: ", "))") }
        return try await isAnotherComing(on: machine) ? .unmet("copy the backup that is made before") : .satisfied
    }

    func apply(on machine: Machine) async throws {
        let ids = try StackBackups(of: stack, on: machine).whole.map(\.id)
        machine.showProgress("copying the backups of \(stack.name)")
        do {
            try await repository.backUp(on: machine)
        } catch let error as CommandFailure {
            throw Failure(
                "the backups of \(stack.name) could not be copied", of: error.command, error.result,
                advice: "They are on the machine alone. Correct that, then run again.")
        }
        try machine.files.replacePrivate(record, with: Array(ids.map { "\($0)\n" }.joined().utf8))
    }

    private func missing(on machine: Machine) throws -> [String] {
        let copied = try machine.files.readIfPresent(record).map { String(decoding: $0, as: UTF8.self) } ?? ""
        let known = Set(copied.nonEmptyLines.map(String.init))
        return try StackBackups(of: stack, on: machine).whole.map(\.id).filter { !known.contains($0) }
    }

    /// Whether this run makes a backup before.
    private func isAnotherComing(on machine: Machine) async throws -> Bool {
        do {
            let check =
                if let awaited {
                    try await BackupExists(stack: stack, id: awaited).check(on: machine)
                } else {
                    try await BackupBeforeChange(stack: stack).check(on: machine)
                }
            if case .unmet = check { return true }
            return false
        } catch let error where awaited == nil && !(error is CancellationError) {
            // It says so itself.
            return false
        }
    }
}
