/// Runs apt and dpkg where other programs use them too: unattended upgrades, a person, a second package manager.
///
/// apt waits by itself for some of its locks (`DPkg::Lock::Timeout`, apt.conf(5)), but not for that of the lists, and dpkg
/// waits for none.
struct AptLock {
    let machine: Machine

    /// How long is waited for whoever holds a lock.
    static let timeout = Duration.minutes(10)
    private static let pause = Duration.milliseconds(500)

    /// Runs a program of apt's, and again as long as another one holds the lock that it needs.
    /// - Throws: ``Failure`` that names the holder where the lock is held for too long, ``CommandFailure`` where the program
    ///   fails for any other reason.
    @discardableResult
    func succeed(_ command: Invocation) async throws -> CommandResult {
        let begin = machine.now
        while true {
            let result = try await machine.run(command)
            if result.succeeded { return result }
            guard let holder = Self.holder(in: result) else { throw CommandFailure(command: command, result: result) }
            let waited = machine.now - begin
            guard waited < Self.timeout else { throw try failure(command, result, holder, waited) }
            try await Task.sleep(for: Self.pause)
        }
    }

    /// Who holds the lock that a program did not get.
    struct Holder: Equatable {
        /// Its number and its name, as far as the program told them.
        var process: String?
        var name: String?
    }

    /// The holder of the lock, where that is why a program failed.
    static func holder(in result: CommandResult) -> Holder? {
        let errors = String(decoding: result.errors, as: UTF8.self)
        let isLocked = [
            "Could not get lock", "Unable to acquire the dpkg frontend lock", "lock was locked by another process",
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
                name: name.hasPrefix(" (") ? String(name.dropFirst(2).prefix { $0 != ")" && !$0.isNewline }) : nil)
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
            "\(who) holds the lock of the package manager, after \(waited.inWords) still", command: command.description,
            ending: result.ending.description, output: CommandFailure(command: command, result: result).lastLines,
            advice: "Let it finish, or end it, then run again. Never remove the lock file.")
    }
}
