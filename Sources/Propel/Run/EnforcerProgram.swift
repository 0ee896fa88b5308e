import CLinux
import DeterministicHashing
import Libc
import Synchronization

/// The program `propel-enforce`, as it runs on the machine.
///
///     propel-enforce enforce --mark TOKEN    start a run in a separate process, and show its journal
///     propel-enforce plan --mark TOKEN       show what a run would change
///     propel-enforce ask --mark TOKEN        answer a question
///     propel-enforce send --mark TOKEN       send files to another host
///     propel-enforce receive --mark TOKEN    receive files from another host
///     propel-enforce confirm --mark TOKEN    confirm the guarded changes of a run
///     propel-enforce put-back                put guarded changes back that nobody has confirmed
///     propel-enforce patch                   make another enforcer from this one and a patch
///
/// But for a patch, it reads a ``Request`` as one line from standard input and prints a line `propel:TOKEN:ready`,
/// which marks the end of whatever a login shell printed before, then one ``Event`` per line.
public struct EnforcerProgram: Sendable {
    private let fleet: Fleet

    /// - Parameter fleet: the roles that are compiled into the program.
    public init(fleet: Fleet) { self.fleet = fleet }

    private enum Mode: String {
        case enforce, plan, ask, send, receive, confirm
    }

    /// Runs the program.
    /// - Returns: its exit status: 0 if it could report the result, whatever that is; 64 if its arguments are invalid;
    ///   1 if a patch could not be applied.
    public func run(arguments: [String]) async -> Int32 {
        // Nothing of a run, least of all a secret, may end up in a core dump.
        propel_forbid_core_dump()
        signal(SIGPIPE, SIG_IGN)
        // The programs that it starts expect this umask, whatever was inherited. Propel sets the modes of its files
        // explicitly.
        umask(0o022)

        if arguments == [EnforcerPatch.argument] {
            do { try EnforcerPatch().apply() } catch {
                StandardError.print("\(error)")
                return 1
            }
            return 0
        }
        if arguments.count == 2, arguments[0] == DetachedRun.argument {
            await DetachedRun(id: arguments[1], fleet: fleet).run()
            return 0
        }
        if arguments == [GuardProgram.argument] { return await GuardProgram.putBack() }
        guard arguments.count == 3, let mode = Mode(rawValue: arguments[0]), arguments[1] == "--mark" else {
            StandardError.print("propel-enforce is started by propel, on the machines that it configures")
            return 64
        }
        StandardOutput.write("propel:\(arguments[2]):ready\n")
        switch mode {
        case .enforce: await RunViewer().start()
        case .plan: await plan()
        case .ask: await ask()
        case .send: await send()
        case .receive: await receive()
        case .confirm: StandardOutput.write(GuardProgram.confirm())
        }
        return 0
    }

    private func plan() async {
        await look { served in
            let request = served.request, machine = served.machine
            let host = try request.operation.map(served.host.performing) ?? served.host
            machine.isDeployedTogether = request.isTogether
            var engine = Engine(host: host, only: request.only, machine: machine) { served.tell($0) }
            engine.readsEarly = true
            served.tell(try await .started(run: "", host, request, machine))
            return await engine.plan()
        }
    }

    private func ask() async {
        await serve { served in
            guard let question = served.request.operation else { throw Failure("the request has no question") }
            let answer: @Sendable (RunAnswer) -> Void = { served.tell(.answer($0.json)) }
            if case .attach(let run, let count)? = RunQuestion(question) {
                try await attach(to: run, after: count, served.instructions, answer)
            } else {
                let work = Task {
                    if let question = RunQuestion(question) {
                        try await RunHistory().answer(question, answer)
                    } else {
                        for answer in try await served.host.answers(to: question, on: served.machine) {
                            served.tell(.answer(answer))
                        }
                    }
                }
                follow(served) { work.cancel() }
                try await work.value
            }
            return RunSummary(counts: [:])
        }
    }

    /// Shows a run, passes on what it asks for, and tells it what the laptop says.
    private func attach(
        to run: String?, after count: Int, _ instructions: LineReader, _ emit: @escaping @Sendable (RunAnswer) -> Void
    ) async throws {
        // One look at the processes serves both questions.
        let ongoing = OngoingRuns(), history = RunHistory(ongoing: { ongoing }), directory = history.joinable(run)
        let connection = directory.flatMap { RunSocketConnection(to: $0.socket) }
        let id = directory?.id ?? run
        let work = Task { try await history.answer(.attach(run: id, after: count), emit) }
        // Plaintexts may pass.
        if connection != nil { SecretDelivery.lockMemory() }
        connection?.readRequests(emit)
        BlockingThread.start {
            var instructions = instructions
            if let connection {
                try? connection.forward(&instructions)
                connection.close()
            } else {
                // The run takes no instructions: an interruption ends the viewer only. A decision comes unasked, and
                // too late.
                while let line = try? instructions.next(), case .decide? = try? Instruction(JSON(line: line)) {}
            }
            work.cancel()
        }
        try await work.value
        connection?.close()
    }

    private func send() async {
        await serve { served in
            let operation = try served.request.transferOperation
            let transfer = try await served.host.transfer(for: operation, on: served.machine)
            try await FileSender(transfer: transfer, arrived: try operation.arrived, emit: served.emit)
                .run(on: served.machine)
            try await BlockingThread.run {
                var instructions = served.instructions
                guard let line = try instructions.next(), try Instruction(JSON(line: line)) == .complete else {
                    throw Failure("no confirmation that all files have arrived", advice: "Run again.")
                }
            }
            try await transfer.completion()
            return RunSummary(counts: [:])
        }
    }

    private func receive() async {
        await serve { served in
            let transfer = try await served.host.transfer(
                for: try served.request.transferOperation, on: served.machine)
            try await FileReceiver(transfer: transfer) { served.tell($0) }
                .run(served.instructions, on: served.machine)
            return RunSummary(counts: [:])
        }
    }

    /// Serves a request that only reads from the machine.
    private func look(_ answer: @escaping @Sendable (ServedRequest) async throws -> RunSummary) async {
        await serve { served in
            let work = Task { try await answer(served) }
            follow(served) { work.cancel() }
            return try await work.value
        }
    }

    /// Reads a request, lets `body` serve it, and reports the end, with heartbeats until then.
    private func serve(_ body: (ServedRequest) async throws -> RunSummary) async {
        let output = Mutex(())
        // Heartbeats are written by another task: no line may begin within another.
        let emit: @Sendable (Event, [UInt8]) throws -> Void = { event, bytes in
            try output.withLock { _ in
                try FileDescriptor.standardOutput.writeAll(event.json.line)
                try FileDescriptor.standardOutput.writeAll(bytes)
            }
        }
        let heartbeats = Task {
            while true {
                try await Task.sleep(for: RunViewer.heartbeat)
                try emit(.heartbeat, [])
            }
        }
        defer { heartbeats.cancel() }
        do {
            var lines = LineReader(descriptor: .standardInput)
            guard let line = try lines.next() else { return }
            let request = try Request(JSON(line: line))
            let contents = ContentDelivery { try? emit(.fetch($0), []) }
            let machine = Machine(
                files: LocalFileSystem(), commands: LocalCommands(), secrets: Secrets(versions: request.secrets),
                repository: RepositoryContents(request.repository) { try await contents.fetch($0, $1) },
                connection: .current)
            let served = ServedRequest(
                request: request, host: try await fleet.host(for: request, on: machine), machine: machine,
                instructions: lines, contents: contents, emit: emit)
            try emit(.ended(try await body(served)), [])
        } catch {
            try? emit(.refused(Failure(describing: error)), [])
        }
    }

    /// Passes the files of the repository on that arrive, and calls `interrupt` when it is asked to or the connection
    /// ends: nobody else could use the answer.
    private func follow(_ served: ServedRequest, interrupt: @escaping @Sendable () -> Void) {
        BlockingThread.start {
            var instructions = served.instructions
            reading: while let line = try? instructions.next(), let json = try? JSON(parsing: line) {
                switch try? Instruction(json) {
                case .piece(let piece):
                    guard let bytes = try? instructions.bytes(count: piece.size) else { break reading }
                    served.contents.deliver(piece, bytes)
                case .unavailable(let hash, let reason): served.contents.refuse(hash, because: reason)
                case .interrupt, .secret, .complete, .unconfirmed, .decide, nil: break reading
                }
            }
            interrupt()
            served.contents.close()
        }
    }
}

/// A request that the process itself serves, unlike that of a ``DetachedRun``.
private struct ServedRequest: Sendable {
    let request: Request
    let host: Host
    let machine: Machine
    /// The lines that follow the request.
    let instructions: LineReader
    let contents: ContentDelivery
    /// Emits an event, with the raw bytes that follow it.
    let emit: @Sendable (Event, [UInt8]) throws -> Void

    /// Emits an event. A closed output is no error: the instructions end then too.
    func tell(_ event: Event) { try? emit(event, []) }
}

extension Request {
    /// The operation whose files are sent or received.
    fileprivate var transferOperation: HostOperation {
        get throws {
            guard let operation else { throw Failure("the request has no operation") }
            return operation
        }
    }
}

extension HostOperation {
    /// The argument with the number of bytes that the receiver has of each file: `{"data.dump":4096}`.
    public static let arrivedKey = "arrived"

    fileprivate var arrived: [String: Int] {
        get throws {
            guard let text = arguments[Self.arrivedKey] else { return [:] }
            return try (try JSON(line: text).object ?? [:]).mapValues { value in
                guard let count = value.integer, count >= 0 else { throw MalformedMessage(message: text) }
                return count
            }
        }
    }
}

extension EnforcerProgram {
    /// Runs `propel-enforce` with the arguments of the process, and exits with its status.
    /// - Parameter fleet: the roles that a request may name. They are evaluated in a process whose hashing is
    ///   deterministic.
    @MainActor
    public static func main(fleet: @autoclosure @Sendable () -> Fleet) async -> Never {
        // First of all: the keys of a role are a set.
        propel_make_hashing_deterministic()
        let program = EnforcerProgram(fleet: fleet())
        Task.detached {
            let status = await program.run(arguments: Array(CommandLine.arguments.dropFirst()))
            exit(status)
        }
        // The first thread waits here. If it went back to the runtime, dispatch_main(3) would end it, and to unwind its
        // stack libgcc would sort the unwind tables of the whole program, which has no index of them: 3 ms and 650 kB
        // for each process.
        while true { pause() }
    }
}
