import CLinux
import Libc
import Synchronization

/// The program `propel-enforce`, as it runs on the target.
///
///     propel-enforce enforce --mark TOKEN    start a run of its own, and show it
///     propel-enforce plan --mark TOKEN       tell what a run would do
///     propel-enforce ask --mark TOKEN        answer a question
///     propel-enforce send --mark TOKEN       send files for another host
///     propel-enforce receive --mark TOKEN    take files from another host
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
        case ("send", "--mark", let mark?, 3):
            print(mark: mark)
            await exchange { request, host, machine, instructions, emit in
                let operation = try request.transferOperation
                let transfer = try await host.transfer(for: operation, on: machine)
                try await Sending(transfer: transfer, arrived: try operation.arrived, emit: emit).run(on: machine)
                try await BlockingThread.run {
                    var instructions = instructions
                    guard let line = try instructions.next(), try Instruction(JSON(parsing: line)) == .whole else {
                        throw Failure("nobody said that all has arrived", advice: "Run again.")
                    }
                }
                try await transfer.completion()
            }
            return 0
        case ("receive", "--mark", let mark?, 3):
            print(mark: mark)
            await exchange { request, host, machine, instructions, emit in
                let transfer = try await host.transfer(for: try request.transferOperation, on: machine)
                try await Receiving(transfer: transfer) { try? emit($0, []) }.run(instructions, on: machine)
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
        _ answer:
            @escaping @Sendable (Request, Host, Machine, @escaping @Sendable (Event) -> Void) async throws -> RunEnding
    ) async {
        await serve { request, host, machine, instructions, emit in
            let work = Task { try await answer(request, host, machine) { try? emit($0, []) } }
            follow(instructions) { work.cancel() }
            return try await work.value
        }
    }

    /// Reads a request, and lets `body` send or take files.
    private func exchange(
        _ body: (Request, Host, Machine, LineReader, @escaping @Sendable (Event, [UInt8]) throws -> Void) async throws
            -> Void
    ) async {
        await serve { request, host, machine, instructions, emit in
            try await body(request, host, machine, instructions, emit)
            return RunEnding(counts: [:])
        }
    }

    /// Reads a request, and tells how it ended, with signs of life meanwhile.
    private func serve(
        _ body: (Request, Host, Machine, LineReader, @escaping @Sendable (Event, [UInt8]) throws -> Void) async throws
            -> RunEnding
    ) async {
        let output = Mutex(())
        // Heartbeats come from beside the rest: no line may begin within another.
        let emit: @Sendable (Event, [UInt8]) throws -> Void = { event, bytes in
            try output.withLock { _ in
                try FileDescriptor.standardOutput.writeAll((event.json.description + "\n").utf8)
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
            let request = try Request(JSON(parsing: line))
            let machine = Machine(
                files: LocalFileSystem(), commands: LocalCommands(), secrets: Secrets(versions: request.secrets))
            let host = try await fleet.host(for: request, on: machine)
            try emit(.ended(try await body(request, host, machine, lines, emit)), [])
        } catch {
            try? emit(.refused(Failure(describing: error)), [])
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
            throw Failure(
                "this propel-enforce knows no role \(entry.role)",
                advice: "Build it again from the configuration that has that role.")
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

extension Request {
    /// What is to be sent, or taken.
    fileprivate var transferOperation: HostOperation {
        get throws {
            guard let operation else { throw Failure("nobody said what is to be sent") }
            return operation
        }
    }
}

extension HostOperation {
    /// What the other end has of each file already, by its name: `{"data.dump":4096}`.
    public static let arrivedKey = "arrived"

    fileprivate var arrived: [String: Int] {
        get throws {
            guard let text = arguments[Self.arrivedKey] else { return [:] }
            return try (try JSON(parsing: text).object ?? [:]).mapValues { value in
                guard let count = value.integer, count >= 0 else { throw MalformedMessage(message: text) }
                return count
            }
        }
    }
}

extension EnforcerProgram {
    /// Runs `propel-enforce` with the arguments of the process, and exits with its status.
    /// - Parameter fleet: the roles that a request may name.
    public static func main(fleet: Fleet) async -> Never {
        exit(await EnforcerProgram(fleet: fleet).run(arguments: Array(CommandLine.arguments.dropFirst())))
    }
}
