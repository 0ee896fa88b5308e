/// That the newest backup of a stack has been restored, for a trial: into volumes and containers of docker's that are thrown away
/// afterwards. Nothing of the stack itself is touched, and nothing of it is stopped.
///
/// What came of it is kept beside the backup.
public struct RestoreVerified: Property {
    public typealias Target = DebianLike

    public let stack: Stack
    /// Tells this test from every other of the same backup.
    public let request: String
    var pollInterval: Duration = .seconds(1)

    /// - Parameter request: tells this test from every other of the same backup, such as the time. One that has succeeded is not done
    ///   again.
    public init(stack: Stack, request: String) {
        self.stack = stack
        self.request = request
    }

    public var name: String { "restore test of the newest backup of \(stack.name)" }

    public func check(on machine: Machine) async throws -> Check {
        let backup = try newest(on: machine)
        let last = try RestoreTestResult.last(of: backup, of: stack, on: machine)
        if last?.request == request, last?.failure == nil { return .satisfied }
        switch try await machine.ask(docker: DockerCommand.volumes()) {
        case .unknown(let until): return .unknown(until: until)
        case .answer:
            return .unmet(
                "restore \(backup.files.map(\.volume).joined(separator: ", ")) of the backup \(backup.id), and throw it away"
            )
        }
    }

    public func apply(on machine: Machine) async throws {
        let backup = try newest(on: machine)
        var test = RestoreTestResult(time: machine.now.iso8601, request: request)
        do {
            try await StackBackups.verify(backup, of: stack, on: machine)
            try await RestoreTest(backup: backup, stack: stack, pollInterval: pollInterval, machine: machine).run()
        } catch {
            if error is CancellationError { throw error }
            let failure = Failure(describing: error)
            test.failure = failure.message
            try test.write(of: backup, of: stack, on: machine)
            throw failure
        }
        try test.write(of: backup, of: stack, on: machine)
    }

    private func newest(on machine: Machine) throws -> Backup {
        guard let backup = try StackBackups(of: stack, on: machine).whole.first else {
            throw Failure("there is no backup of \(stack.name) that could be tested", advice: "Take one first.")
        }
        return backup
    }
}

/// What came of restoring a backup for a trial.
public struct RestoreTestResult: Sendable, Equatable {
    /// When, ISO 8601 in UTC.
    public var time: String
    /// Tells it from every other of the same backup.
    var request: String
    /// Why it failed; nil where it succeeded.
    public var failure: String?

    private static func path(_ backup: Backup, _ stack: Stack) -> FilePath {
        stack.backups.appending(backup.id).appending("tested.json")
    }

    /// The last one of a backup; nil where there was none.
    public static func last(of backup: Backup, of stack: Stack, on machine: Machine) throws -> RestoreTestResult? {
        guard let bytes = try machine.files.readIfPresent(path(backup, stack)) else { return nil }
        let json = try JSON(parsing: bytes)
        return RestoreTestResult(
            time: try json.text("time"), request: try json.text("request"), failure: json["failure"]?.string)
    }

    func write(of backup: Backup, of stack: Stack, on machine: Machine) throws {
        let json: JSON = .object(present: [
            "time": .string(time), "request": .string(request), "failure": failure.map(JSON.string),
        ])
        try machine.files.replace(Self.path(backup, stack), with: Array(json.pretty.utf8), mode: 0o600)
    }
}
