import Propel
import Synchronization

/// Programs as closures. Programs that the test has not added do not exist.
public final class FakeCommands: CommandRunner {
    /// The body of a program.
    public typealias Program = @Sendable (Invocation) async throws -> CommandResult

    private struct State {
        var programs: [String: Program] = [:]
        var log: [Invocation] = []
    }

    private let state = Mutex(State())
    private let operations: OperationLog

    /// Creates a runner without programs.
    public convenience init() { self.init(operations: OperationLog()) }

    init(operations: OperationLog) { self.operations = operations }

    /// Adds a program.
    public func program(_ name: String, _ body: @escaping Program) { state.withLock { $0.programs[name] = body } }

    /// Adds a program that prints `output` and exits with `status`, whatever its arguments.
    public func program(_ name: String, prints output: String = "", status: Int = 0, errors: String = "") {
        program(name) { _ in
            CommandResult(ending: .exited(status), output: Array(output.utf8), errors: Array(errors.utf8))
        }
    }

    /// The commands that were run, in order, as they would be typed into a shell.
    public var log: [String] { state.withLock { $0.log.map(\.description) } }

    /// Runs the program with the name; ``CommandResult/Ending/notFound`` if it was not added.
    /// - Throws: ``Crash`` if the machine does not run.
    public func run(_ command: Invocation) async throws -> CommandResult {
        if try operations.begin(.command, command.description) {
            return .failing(1, "\(command.program): injected fault\n")
        }
        let program = state.withLock { state in
            state.log.append(command)
            return state.programs[command.program]
        }
        return try await program?(command) ?? CommandResult(ending: .notFound)
    }
}

extension CommandResult {
    /// A success with this standard output.
    public static func printing(_ text: String = "") -> CommandResult {
        CommandResult(ending: .exited(0), output: Array(text.utf8))
    }

    /// A failure with this standard error.
    public static func failing(_ status: Int = 1, _ errors: String = "") -> CommandResult {
        CommandResult(ending: .exited(status), errors: Array(errors.utf8))
    }
}
