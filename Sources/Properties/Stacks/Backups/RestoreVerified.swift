/// The newest backup of a stack was restored in a test, into volumes and containers that are thrown away.
///
/// Nothing of the stack itself is touched or stopped. The result is kept beside the backup.
struct RestoreVerified: Property {
    typealias Target = DebianLike

    let stack: Stack
    /// Identifies this test among those of the same backup, such as the time. One that has succeeded is not repeated.
    let request: String

    var name: String { "restore test of the newest backup of \(stack.name)" }

    /// - Throws: ``Undetermined`` if there is no engine yet, ``Failure`` if there is no backup.
    func check(on machine: Machine) async throws -> Check {
        let backup = try newest(on: machine)
        let last = try RestoreTestResult.last(of: backup, of: stack, on: machine)
        if last?.request == request, last?.failure == nil { return .satisfied }
        // Only to know whether there is an engine.
        _ = try await machine.answer(of: DockerCommand.volumes())
        let volumes = backup.files.map(\.volume).joined(separator: ", ")
        return .unmet("restore \(volumes) of the backup \(backup.id), and throw them away")
    }

    func apply(on machine: Machine) async throws {
        let backup = try newest(on: machine)
        var result = RestoreTestResult(time: machine.now.iso8601, request: request)
        do {
            try await StackBackups.verify(backup, of: stack, on: machine)
            try await RestoreTest(of: backup, in: StackContext(resolving: stack, on: machine)).run()
        } catch {
            if error is CancellationError { throw error }
            let failure = Failure(describing: error)
            result.failure = failure.message
            try result.write(of: backup, of: stack, on: machine)
            throw failure
        }
        try result.write(of: backup, of: stack, on: machine)
    }

    private func newest(on machine: Machine) throws -> Backup {
        guard let backup = try StackBackups(of: stack, on: machine).whole.first else {
            throw Failure(
                "\(stack.name) has no backup to test", advice: "Take one first: propel backup now HOST.")
        }
        return backup
    }
}

/// The result of a restore test of a backup.
struct RestoreTestResult: Sendable, Equatable {
    /// When, ISO 8601 in UTC.
    var time: String
    /// Identifies the test among those of the same backup.
    var request: String
    /// The reason why it failed; nil if it succeeded.
    var failure: String?

    /// The name of its file, in the directory of the backup.
    static let fileName = "tested.json"

    private static func path(_ backup: Backup, _ stack: Stack) -> FilePath {
        stack.backups.appending(backup.id).appending(fileName)
    }

    /// The last result of a backup; nil if it was never tested.
    static func last(of backup: Backup, of stack: Stack, on machine: Machine) throws -> RestoreTestResult? {
        try machine.files.record(
            at: path(backup, stack), movedAway: "The backup \(backup.id) then counts as never tested."
        ) { json in
            RestoreTestResult(
                time: try json.text("time"), request: try json.text("request"), failure: json["failure"]?.string)
        }
    }

    func write(of backup: Backup, of stack: Stack, on machine: Machine) throws {
        let json: JSON = .object(present: [
            "time": .string(time), "request": .string(request), "failure": failure.map(JSON.string),
        ])
        try machine.files.replace(Self.path(backup, stack), with: Array(json.pretty.utf8), mode: 0o600)
    }
}
