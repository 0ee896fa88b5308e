import Libc

/// A run in a separate process and session: it continues when the connection is lost.
///
/// It reads its request and then instructions from standard input, and writes its events to its journal only. A
/// ``RunViewer`` shows the journal.
struct DetachedRun: Sendable {
    static let argument = "detached"

    let id: String
    let fleet: Fleet

    func run() async {
        signal(SIGHUP, SIG_IGN)
        RunProcess.closeLifelineOnExec()
        guard let directory = try? RunDirectory.find(id: id), let journal = try? Journal(appendingTo: directory.journal)
        else {
            return StandardError.print("no such run: “\(id)”")
        }
        do {
            var lines = LineReader(descriptor: .standardInput)
            guard let line = try lines.next() else {
                throw Failure("the connection was lost before the request had arrived")
            }
            let request = try Request(JSON(line: line))
            RequestNote(request).write(to: directory)
            let machine = Machine(files: LocalFileSystem(), commands: LocalCommands(run: id))
            if let restart = request.restarts.last, restart.boot == Boot.current(on: machine) {
                return journal.append(.restarting)
            }
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
        case .acquired(let acquired): lock = acquired
        }
        // Under the lock: no run that is in progress loses its journal.
        try? RunDirectory.prune(keeping: id)
        let delivery = SecretDelivery { journal.append(.needs(secrets: $0)) }
        let secrets = Secrets(versions: request.secrets) { try await delivery.request($0) }
        let contents = ContentDelivery { journal.append(.fetch($0)) }
        let machine = Machine(
            files: LocalFileSystem(), commands: LocalCommands(run: id), secrets: secrets,
            repository: RepositoryContents(request.repository) { try await contents.fetch($0, $1) },
            invoker: Self.invoker, connection: .current)
        let described = try await fleet.host(for: request, on: machine)
        let host = try request.operation.map(described.performing) ?? described
        journal.append(try await .started(run: id, host, request, machine))
        let former = FormerRuns(journals: RunDirectory.journals(except: id))
        let engine = Engine(
            host: host, only: request.only, machine: machine, earlierRestarts: request.restarts.map(\.reason),
            usualSeconds: { former.usualSeconds(of: $0) }
        ) { journal.append($0) }
        let killedRuns = lock.killedRuns
        let work = Task {
            let isAlone = try await waitForOrphans(of: killedRuns, journal)
            return (isAlone, await engine.enforce())
        }
        follow(instructions, delivery, contents) { work.cancel() }
        var (isAlone, summary) = try await work.value
        if isAlone { lock.forgetKilledRuns() }
        summary.peakMemory = Self.peakMemory
        // Released before the end is reported: who reads of the end may start the next run at once.
        _ = consume lock
        journal.append(.ended(summary))
        // What a run has changed survives a power cut. A run without changes is not worth the wait for the disk.
        if summary[.ok] < summary.counts.values.reduce(0, +) { journal.sync() }
    }

    /// Waits until the processes of killed runs have exited.
    /// - Returns: whether they have; false if this run is interrupted, which then changes nothing either.
    private func waitForOrphans(of killedRuns: [String], _ journal: Journal) async throws -> Bool {
        do {
            for run in killedRuns {
                try await OrphanedProcesses(run: run).terminate { names in
                    journal.append(
                        .progress(
                            path: "killed run",
                            words: "waiting for its orphaned processes: \(names.joined(separator: ", "))"))
                }
            }
            return true
        } catch is CancellationError {
            return false
        }
    }

    /// The user who became root with sudo(8) or doas(1), from the variable that these set.
    private static var invoker: String? {
        guard let name = getenv("SUDO_USER") ?? getenv("DOAS_USER") else { return nil }
        return String(cString: name)
    }

    /// In bytes (getrusage(2)).
    private static var peakMemory: Int? {
        var usage = rusage()
        return getrusage(rusageSelf, &usage) == 0 ? usage.ru_maxrss * 1024 : nil
    }

    /// Follows the instructions on a separate thread, since reading blocks, until the connection ends.
    private func follow(
        _ instructions: LineReader, _ delivery: SecretDelivery, _ contents: ContentDelivery,
        interrupt: @escaping @Sendable () -> Void
    ) {
        BlockingThread.start {
            var instructions = instructions
            do {
                while let line = try instructions.next() {
                    switch try Instruction(JSON(line: line)) {
                    case .interrupt: interrupt()
                    case .secret(let name, let size): delivery.deliver(try instructions.secret(size: size), as: name)
                    case .piece(let piece): contents.deliver(piece, try instructions.bytes(count: piece.size))
                    case .unavailable(let hash, let reason): contents.refuse(hash, because: reason)
                    case .complete: throw MalformedMessage(message: line)
                    }
                }
            } catch {
                // After a malformed line it is unknown where the next one begins.
            }
            delivery.close()
            contents.close()
            // Closes the connection, but keeps the descriptor number taken: the next file opened would get it.
            if let null = try? FileDescriptor.open("/dev/null", .readOnly) {
                _ = try? null.duplicate(as: .standardInput)
                try? null.close()
            }
        }
    }
}

extension Event {
    /// The first event of a run or a plan.
    static func started(
        run: String, _ host: Host, _ request: Request, _ machine: Machine
    ) async throws -> Event {
        .started(
            run: run, host: host.name, system: try await machine.fact(OperatingSystem.self).description,
            steps: host.steps(only: request.only).count)
    }
}
