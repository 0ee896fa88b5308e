/// Runs apt and dpkg while other programs may hold their locks: unattended upgrades, a person, another package manager.
///
/// apt waits for some of its locks (`DPkg::Lock::Timeout`, apt.conf(5)), but not for that of the lists; dpkg waits for
/// none.
struct AptLock {
    let machine: Machine

    /// How long to wait for a lock.
    static let timeout = Duration.minutes(10)
    private static let pause = Duration.milliseconds(500)

    /// Runs apt or dpkg, and again as long as another program holds a lock that it needs.
    /// - Parameter task: what it does, for the progress: “upgrading packages”; nil for what apt-get itself says.
    /// - Throws: ``Failure`` that names the holder if the lock is held for too long, ``CommandFailure`` for any other
    ///   failure.
    @discardableResult
    func succeed(_ command: Invocation, task: String? = "apt") async throws -> CommandResult {
        let result = try await run(command, task: task)
        guard result.succeeded else { throw CommandFailure(command: command, result: result) }
        return result
    }

    /// Runs apt or dpkg, and again as long as another program holds a lock that it needs.
    /// - Returns: the result, whatever else it failed for.
    /// - Throws: ``Failure`` that names the holder if the lock is held for too long.
    func run(_ command: Invocation, task: String? = "apt") async throws -> CommandResult {
        let begin = machine.instant
        let progress = AptProgress(of: task)
        while true {
            var result = try await machine.run(command) { progress.words(after: $0) }
            result.output = AptProgress.removed(from: result.output)
            guard !result.succeeded, let holder = Self.holder(in: result) else { return result }
            let waited = machine.instant - begin
            guard waited < Self.timeout else { throw try failure(command, result, holder, waited) }
            try await Task.sleep(for: Self.pause)
        }
    }

    /// The holder of a lock.
    struct Holder: Equatable {
        /// PID and name, if the waiting program printed them.
        var process: String?
        var name: String?
    }

    /// The holder of the lock, if a program failed because of one.
    static func holder(in result: CommandResult) -> Holder? {
        let errors = String(decoding: result.errors, as: UTF8.self)
        let isLocked = [
            "Could not get lock", "Unable to acquire the dpkg frontend lock", "lock was locked by another process",
            "config.dat is locked by another process", "passwords.dat is locked by another process",
        ]
        .contains { errors.firstRange(of: $0) != nil }
        guard isLocked else { return nil }
        // "It is held by process 817 (apt-get)", on standard output while apt waits; dpkg says "with pid 817".
        let said = errors + result.text
        for mark in ["held by process ", "with pid "] {
            guard let found = said.firstRange(of: mark) else { continue }
            let rest = said[found.upperBound...]
            let process = rest.prefix { $0.isASCII && $0.isNumber }
            let name = rest.dropFirst(process.count)
            return Holder(
                process: String(process),
                name: name.hasPrefix(" (")
                    ? String(name.dropFirst(2).prefix { $0 != ")" && $0 != "\n" && $0 != "\r\n" }) : nil)
        }
        return Holder()
    }

    private func failure(
        _ command: Invocation, _ result: CommandResult, _ holder: Holder, _ waited: Duration
    ) throws -> Failure {
        var who = "another program"
        if let process = holder.process {
            let comm = try machine.files.readIfPresent(FilePath("/proc/\(process)/comm"))
            let name = holder.name ?? comm.map { String(decoding: $0, as: UTF8.self).trimmed }
            who = "process \(process)" + (name.map { " (\($0))" } ?? "")
        }
        return Failure(
            "\(who) still holds the lock of the package manager after \(waited.inWords)", command: command.description,
            ending: result.ending.description, output: CommandFailure(command: command, result: result).lastLines,
            advice: "Let it finish or end it, then run again. Do not remove the lock file.")
    }
}
