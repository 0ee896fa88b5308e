import Libc

/// A run in a process and a session of its own: it goes on when the connection does not.
///
/// It reads its request, and instructions after it, from standard input, and writes its events to its journal, nowhere
/// else. Whoever wants to see them looks there; see ``RunViewer``.
struct DetachedRun: Sendable {
    static let argument = "detached"

    let id: String
    let fleet: Fleet

    func run() async {
        signal(SIGHUP, SIG_IGN)
        RunProcess.keepLifeToItself()
        guard let directory = try? RunDirectory.find(id: id), let journal = try? Journal(appendingTo: directory.journal)
        else {
            return StandardError.print("there is no run \(id)")
        }
        do {
            var lines = LineReader(descriptor: .standardInput)
            guard let line = try lines.next() else {
                throw Failure("the connection ended before the run was asked for anything")
            }
            let request = try Request(JSON(parsing: line))
            try await enforce(request, instructions: lines, journal)
        } catch {
            journal.append(.refused(Failure(describing: error)))
        }
    }

    private func enforce(_ request: Request, instructions: LineReader, _ journal: Journal) async throws {
        let holder = LockHolder(deployer: request.deployer, since: Timestamp.now.iso8601, run: id)
        var lock: RunLock
        switch try RunLock.attempt(for: holder) {
        case .heldBy(let other): return journal.append(.locked(other))
        case .taken(let taken): lock = taken
        }
        // Under the lock, so that no other run's journal is taken from it.
        try? RunDirectory.prune(keeping: id)
        let delivery = SecretDelivery { journal.append(.needs(secrets: $0)) }
        let secrets = Secrets(versions: request.secrets) { try await delivery.obtain($0) }
        let machine = Machine(files: LocalFileSystem(), commands: LocalCommands(run: id), secrets: secrets)
        let described = try await fleet.host(for: request, on: machine)
        let host = try request.operation.map(described.performing) ?? described
        journal.append(
            .started(
                run: id, host: host.name, system: try await machine.fact(OperatingSystem.self).description,
                steps: host.steps(only: request.only).count))
        let engine = Engine(host: host, only: request.only, machine: machine) { journal.append($0) }
        let killed = lock.unsettled
        let work = Task {
            let isSettled = try await settle(killed, journal)
            return (isSettled, await engine.enforce())
        }
        follow(instructions, delivery) { work.cancel() }
        var (isSettled, ending) = try await work.value
        if isSettled { lock.settle() }
        ending.peakMemory = Self.peakMemory
        // The lock is given back before the end is told: who is told may start the next run at once.
        _ = consume lock
        journal.append(.ended(ending))
        // What a run has done outlives a power cut. One that did nothing is not worth the wait for the disk.
        if ending[.ok] < ending.counts.values.reduce(0, +) { journal.sync() }
    }

    /// Waits until nothing of runs that were killed goes on beside this one.
    /// - Returns: whether that is so; not where this one is interrupted, and does nothing more either.
    private func settle(_ killed: [String], _ journal: Journal) async throws -> Bool {
        do {
            for run in killed {
                try await LeftPrograms(run: run).settle { names in
                    journal.append(
                        .progress(
                            path: "a run that was killed",
                            words: "waiting for \(names.joined(separator: ", ")), which it has left at work"))
                }
            }
            return true
        } catch is CancellationError {
            return false
        }
    }

    /// In bytes (getrusage(2)).
    private static var peakMemory: Int? {
        var usage = rusage()
        return getrusage(rusageSelf, &usage) == 0 ? usage.ru_maxrss * 1024 : nil
    }

    /// Reads instructions on a thread of its own, since reading blocks, until nobody is there to give any.
    private func follow(
        _ instructions: LineReader, _ delivery: SecretDelivery, interrupt: @escaping @Sendable () -> Void
    ) {
        BlockingThread.start {
            var instructions = instructions
            do {
                while let line = try instructions.next() {
                    switch try Instruction(JSON(parsing: line)) {
                    case .interrupt: interrupt()
                    case .secret(let name, let size): delivery.deliver(try instructions.secret(size: size), as: name)
                    case .piece, .whole: throw MalformedMessage(message: line)
                    }
                }
            } catch {
                // What comes after a line that is not understood is not understood either.
            }
            delivery.close()
            // The connection's end is given up, but not the number: whatever is opened next would get it.
            if let nothing = try? FileDescriptor.open("/dev/null", .readOnly) {
                _ = try? nothing.duplicate(as: .standardInput)
                try? nothing.close()
            }
        }
    }
}
