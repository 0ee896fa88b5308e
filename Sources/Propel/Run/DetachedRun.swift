import Libc

/// A run in a separate process and session: it continues when the connection is lost.
///
/// It reads its request and then instructions from standard input, and writes its events to its journal only. A
/// ``RunViewer`` shows the journal. Those who join the run reach it over a ``RunSocket``.
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
                journal.append(.refused(Failure("the connection was lost before the request had arrived")))
                // Nobody has asked for anything: this was no run. The viewer has the journal open.
                try? directory.remove()
                return
            }
            let request = try Request(JSON(line: line))
            if let begun = try request.id.flatMap({ try directory.claim($0) }) {
                journal.append(.begun(run: begun))
                try? directory.remove()
                return
            }
            RequestNote(request).write(to: directory)
            let machine = Machine(files: LocalFileSystem(), commands: LocalCommands(run: id))
            if let restart = request.restarts.last, restart.boot == Boot.current(on: machine) {
                return journal.append(.restarting)
            }
            try await enforce(request, instructions: lines, journal, in: directory)
        } catch {
            journal.append(.refused(Failure(describing: error)))
        }
    }

    private func enforce(
        _ request: Request, instructions: LineReader, _ journal: Journal, in directory: RunDirectory
    ) async throws {
        let holder = LockHolder(deployer: request.deployer, since: Timestamp.now.iso8601, run: id)
        var lock: RunLock
        switch try RunLock.attempt(for: holder) {
        case .heldBy(let other): return journal.append(.locked(other))
        case .acquired(let acquired): lock = acquired
        }
        // Under the lock: no run that is in progress loses its journal.
        try? RunDirectory.prune(keeping: id)
        // Without a socket only the connection that began the run can be asked.
        let socket = try? RunSocket(at: directory.socket)
        defer { socket?.close() }
        let requests = requests(of: request, journal, socket)
        let machine = Machine(
            files: LocalFileSystem(), commands: LocalCommands(run: id),
            secrets: Secrets(versions: request.secrets) { try await requests.secrets.request($0) },
            repository: RepositoryContents(request.repository) { try await requests.contents.fetch($0, $1) },
            invoker: Self.invoker, connection: .current)
        machine.runID = id
        let described = try await fleet.host(for: request, on: machine)
        let host = try request.operation.map(described.performing) ?? described
        journal.append(try await .started(run: id, host, request, machine))
        let engine = try engine(for: request, host, requests, journal, on: machine)
        let killedRuns = lock.killedRuns, endedBoots = request.restarts.map(\.boot)
        let work = Task {
            let isAlone = try await waitForOrphans(of: killedRuns, journal)
            try await putBackUnconfirmed(on: machine, after: endedBoots, journal)
            return (isAlone, await engine.enforce())
        }
        socket?.serve {
            requests.open.map { OpenRequest($0, of: request) }
        } follow: { instructions in
            requests.follow(&instructions) { work.cancel() }
        }
        follow(instructions, requests, isOnlyOne: socket == nil) { work.cancel() }
        var (isAlone, summary) = try await work.value
        if isAlone { lock.forgetKilledRuns() }
        summary.peakMemory = Self.peakMemory
        summary.programs = LocalCommands.startedCount
        // Released before the end is reported: who reads of the end may start the next run at once.
        _ = consume lock
        journal.append(.ended(summary))
        // What a run has changed survives a power cut. A run without changes is not worth the wait for the disk.
        if summary.counts.keys.contains(where: { $0 != .ok }) { directory.sync() }
    }

    /// The requests that the run makes, in its journal and of those who have joined it.
    private func requests(of request: Request, _ journal: Journal, _ socket: RunSocket?) -> RunRequests {
        let ask: @Sendable (Event) -> Void = { event in
            journal.append(event)
            socket?.send(OpenRequest(event, of: request))
        }
        return RunRequests(
            secrets: SecretDelivery { ask(.needs(secrets: $0)) }, contents: ContentDelivery { ask(.fetch($0)) },
            confirmation: ConfirmationDelivery { ask(.confirm(token: $0)) },
            wave: WaveDelivery(
                // The journal has it already.
                announce: { socket?.send(OpenRequest(.ready, of: request)) },
                promise: { journal.append(.promised(round: $0)) }))
    }

    private func engine(
        for request: Request, _ host: Host, _ requests: RunRequests, _ journal: Journal, on machine: Machine
    ) throws -> Engine {
        let former = FormerRuns(journals: RunDirectory.journals(except: id))
        var engine = Engine(
            host: host, only: request.only, machine: machine, earlierRestarts: request.restarts.map(\.reason),
            usualSeconds: { former.usualSeconds(of: $0) }
        ) { journal.append($0) }
        engine.guarding = try Guarding(
            of: id, requests.confirmation, after: request.restarts.map(\.boot), on: machine)
        if request.isTogether, request.operation == nil {
            engine.awaitWave = { [wave = requests.wave] in await wave.wait() }
        }
        engine.readsEarly = true
        return engine
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

    /// Puts back what a run that is gone has changed and nobody has confirmed.
    private func putBackUnconfirmed(on machine: Machine, after boots: [String], _ journal: Journal) async throws {
        let safeguard = Safeguard(machine: machine)
        guard !Task.isCancelled, let putBack = try await safeguard.recover(for: .run(after: boots)) else { return }
        journal.append(.progress(path: "killed run", words: putBack.lines.joined(separator: "; ")))
        let decision = putBack.isTogether ? "it was decided about" : "anybody could confirm"
        machine.noteFollowUp(
            "look at why an earlier run was cut off before \(decision) "
                + "\(putBack.changes.joined(separator: ", ")): that was put back before this one began")
        if putBack.needsRestart {
            machine.noteFollowUp("restart the machine: what was put back takes effect after a restart")
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

    /// Follows the instructions of the connection that began the run on a separate thread, since reading blocks, until
    /// the connection ends.
    /// - Parameter isOnlyOne: whether nobody else can bring anything.
    private func follow(
        _ instructions: LineReader, _ requests: RunRequests, isOnlyOne: Bool,
        interrupt: @escaping @Sendable () -> Void
    ) {
        BlockingThread.start {
            var instructions = instructions
            requests.follow(&instructions, interrupt: interrupt)
            if isOnlyOne { requests.close() }
            // Closes the connection, but keeps the descriptor number taken: the next file opened would get it.
            if let null = try? FileDescriptor.open("/dev/null", .readOnly) {
                _ = try? null.duplicate(as: .standardInput)
                try? null.close()
            }
        }
    }
}

extension Guarding {
    /// - Parameters:
    ///   - run: the ID of the run, which is this process.
    ///   - confirmation: asks for confirmations.
    ///   - boots: the boots that restarts in this run have ended.
    ///   - machine: the machine of the run.
    fileprivate init(
        of run: String, _ confirmation: ConfirmationDelivery, after boots: [String], on machine: Machine
    ) throws {
        let program = try machine.files.destination(ofLink: "/proc/self/exe"), safeguard = Safeguard(machine: machine)
        self.init(program: FilePath(program), run: run, process: .current) { token in
            await confirmation.request(token) {
                guard let record = try? safeguard.record(), record.token == token else { return false }
                return (try? safeguard.isConfirmed(record)) == true
            }
        }
        lost = try safeguard.takeLost(after: boots)
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
