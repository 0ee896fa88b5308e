import Libc

/// The part of `propel-enforce` that settles guarded changes outside of the run that makes them.
package enum GuardProgram {
    /// The argument with which the unit puts back what nobody has confirmed.
    static let argument = "put-back"

    /// The request of a new connection that brings a confirmation: one line on standard input.
    package static func request(token: String) -> JSON { ["kind": "confirm", "token": .string(token)] }

    /// Accepts the confirmation that a new connection brings.
    static func confirm() -> Event {
        do {
            var lines = LineReader(descriptor: .standardInput)
            guard let line = try lines.next() else { throw Failure("no token has arrived") }
            let token = try JSON(line: line).text("token")
            try Safeguard(machine: machine()).confirm(token, by: SSHConnection.current?.user)
            return .ended(RunSummary(counts: [:]))
        } catch {
            return .refused(Failure(describing: error))
        }
    }

    /// Puts back what nobody has confirmed, and ends the run that waits for it, if that still lives.
    /// - Returns: the exit status; not 0 if it must be tried again.
    static func putBack() async -> Int32 {
        do {
            let machine = machine(), safeguard = Safeguard(machine: machine)
            guard let record = try safeguard.record() else { return 0 }
            let units = GuardUnits(machine: machine)
            guard let lock = try await lock(against: record.process, units) else {
                // It puts back what it finds before it changes anything.
                StandardError.print("another run has the lock")
                return 75
            }
            // Children of the killed run, which may still write.
            for run in lock.killedRuns {
                try? await OrphanedProcesses(run: run, timeout: .seconds(5)).terminate { _ in }
            }
            let settled = try await safeguard.recover(for: .unit)
            // Held until here.
            _ = consume lock
            guard let settled else { return 0 }
            StandardOutput.write(settled.lines.map { $0 + "\n" }.joined())
            if settled.needsRestart {
                try await machine.succeed(Invocation("systemctl", ["--no-block", "reboot"]))
            }
            return 0
        } catch {
            let failure = Failure(describing: error)
            StandardError.print(([failure.message] + failure.output).joined(separator: "\n"))
            return 1
        }
    }

    /// Acquires the lock of the machine, and ends the process of the run for it. At its deadline that has put the
    /// changes back itself, unless something has stopped it.
    /// - Returns: nil if another run has the lock, or if that run still has time.
    private static func lock(against process: RunningProcess?, _ units: GuardUnits) async throws -> RunLock? {
        var hasKilled = false
        for look in 0..<100 {
            let holder = LockHolder(
                deployer: "Propel itself, which puts back what nobody has confirmed,", since: Timestamp.now.iso8601,
                run: "")
            switch try RunLock.attempt(for: holder) {
            case .acquired(let acquired): return acquired
            case .heldBy:
                // Something else has started this service; or the run could not start the timer again in time, since
                // the machine stood still.
                if try await units.isTimerRunning() { return nil }
                if look >= Self.chances {
                    hasKilled = process?.kill() == true || hasKilled
                    guard hasKilled else { return nil }
                }
                try await Task.sleep(for: .milliseconds(100))
            }
        }
        return nil
    }

    /// The number of looks, 100 ms apart, within which the process of the run may start the timer again.
    private static let chances = 20

    private static func machine() -> Machine { Machine(files: LocalFileSystem(), commands: LocalCommands()) }
}
