import CLinux
#if canImport(Glibc)
import Glibc
#else
import Musl
#endif
import Synchronization

/// The program `propel-enforce`, as it runs on the target.
///
///     propel-enforce enforce --mark TOKEN    start a run of its own, and show it
///     propel-enforce plan --mark TOKEN       tell what a run would do
///     propel-enforce ask --mark TOKEN        answer a question
///
/// It reads a ``Request`` as one line on standard input and prints a line `propel:TOKEN:ready`, which marks the end of
/// whatever a login shell printed before, then one ``Event`` a line.
public struct EnforcerProgram: Sendable {
    private let fleet: Fleet

    /// - Parameter fleet: the roles that are compiled into the program.
    public init(fleet: Fleet) { self.fleet = fleet }

    /// Runs the program.
    /// - Returns: its exit status: 0 where it could tell how things ended, whatever that is; 64 where it was called wrongly.
    public func run(arguments: [String]) async -> Int32 {
        // Nothing of a run, least of all a secret, may end in a core dump.
        propel_forbid_core_dump()
        signal(SIGPIPE, SIG_IGN)
        // What the programs that it starts expect, whoever's mask it inherited. Its own files get their modes outright.
        umask(0o022)

        switch (arguments.first, arguments.dropFirst().first, arguments.dropFirst(2).first, arguments.count) {
        case ("enforce", "--mark", let mark?, 3):
            print(mark: mark)
            return await RunViewer().start()
        case ("plan", "--mark", let mark?, 3):
            print(mark: mark)
            await look { request, described, machine, emit in
                let host = try request.operation.map(described.performing) ?? described
                let engine = Engine(host: host, only: request.only, machine: machine, emit: emit)
                emit(
                    .started(
                        run: "", host: host.name, system: try await machine.fact(OperatingSystem.self).description,
                        steps: host.steps(only: request.only).count))
                return await engine.plan()
            }
            return 0
        case ("ask", "--mark", let mark?, 3):
            print(mark: mark)
            await look { request, host, machine, emit in
                guard let question = request.operation else { throw Failure("nothing was asked") }
                for answer in try await host.answers(to: question, on: machine) { emit(.answer(answer)) }
                return RunEnding(counts: [:])
            }
            return 0
        case (DetachedRun.argument, let run?, _, 2):
            await DetachedRun(id: run, fleet: fleet).run()
            return 0
        default:
            StandardError.print("propel-enforce is started by propel, on the machines that it configures")
            return 64
        }
    }

    private func print(mark: String) { StandardOutput.write("propel:\(mark):ready\n") }

    /// Reads a request, and lets `answer` look at the machine.
    private func look(
        _ answer: @escaping @Sendable (Request, Host, Machine, @escaping @Sendable (Event) -> Void) async throws -> RunEnding
    ) async {
        let output = Mutex(())
        // Heartbeats come from beside the plan: no line may begin within another.
        let emit: @Sendable (Event) -> Void = { event in output.withLock { _ in StandardOutput.write(event.json.description + "\n") } }
        let heartbeats = Task {
            while true {
                try await Task.sleep(for: RunViewer.heartbeat)
                emit(.heartbeat)
            }
        }
        defer { heartbeats.cancel() }
        do {
            var lines = LineReader(descriptor: .standardInput)
            guard let line = try lines.next() else { return }
            let request = try Request(JSON(parsing: line))
            let machine = Machine(files: LocalFileSystem(), commands: LocalCommands(), secrets: Secrets(versions: request.secrets))
            let host = try await fleet.host(for: request, on: machine)
            let work = Task { try await answer(request, host, machine, emit) }
            follow(lines) { work.cancel() }
            emit(.ended(try await work.value))
        } catch {
            emit(.refused(Failure(describing: error)))
        }
    }

    /// Calls `interrupt` where the controller says so, or is not there any more: a plan is of no use to anybody else.
    private func follow(_ instructions: LineReader, interrupt: @escaping @Sendable () -> Void) {
        BlockingThread.start {
            var instructions = instructions
            while let line = try? instructions.next() {
                if let json = try? JSON(parsing: line), (try? Instruction(json)) == .interrupt { break }
            }
            interrupt()
        }
    }
}

extension Fleet {
    /// The host that a request is about, if this machine can be it.
    func host(for request: Request, on machine: Machine) async throws -> Host {
        let entry = request.entry
        guard let role = role(named: entry.role) else {
            throw Failure("this propel-enforce knows no role \(entry.role)", advice: "Build it again from the configuration that has that role.")
        }
        let host = try role.host(for: entry)
        let system = try await machine.fact(OperatingSystem.self)
        guard host.includes(system) else {
            throw Failure(
                "this machine runs \(system.description), and the role \(entry.role) is for \(host.platform)",
                advice: "Give \(entry.name) another role in hosts.conf, or let the role run on what the machine runs.")
        }
        return host
    }
}
