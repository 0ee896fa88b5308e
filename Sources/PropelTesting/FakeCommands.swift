import Propel
import Synchronization

/// Programs as closures. A program that no test has planted is not there.
public final class FakeCommands: CommandRunner {
    /// What a program does with what it is given.
    public typealias Program = @Sendable (Invocation) async throws -> CommandResult

    private struct State {
        var programs: [String: Program] = [:]
        var log: [Invocation] = []
    }

    private let state = Mutex(State())

    /// With no programs at all.
    public init() {}

    /// Plants a program.
    public func program(_ name: String, _ body: @escaping Program) { state.withLock { $0.programs[name] = body } }

    /// Plants a program that prints `output` and ends with `status`, whatever it is given.
    public func program(_ name: String, prints output: String = "", status: Int = 0, errors: String = "") {
        program(name) { _ in
            CommandResult(ending: .exited(status), output: Array(output.utf8), errors: Array(errors.utf8))
        }
    }

    /// What was run, in order, as one would type it.
    public var log: [String] { state.withLock { $0.log.map(\.description) } }

    /// Runs the planted program of that name; ``CommandResult/Ending/notFound`` where there is none.
    public func run(_ command: Invocation) async throws -> CommandResult {
        let program = state.withLock { state in
            state.log.append(command)
            return state.programs[command.program]
        }
        return try await program?(command) ?? CommandResult(ending: .notFound)
    }
}

extension CommandResult {
    /// Success, with this on standard output.
    public static func printing(_ text: String = "") -> CommandResult {
        CommandResult(ending: .exited(0), output: Array(text.utf8))
    }

    /// Failure, with this on standard error.
    public static func failing(_ status: Int = 1, _ errors: String = "") -> CommandResult {
        CommandResult(ending: .exited(status), errors: Array(errors.utf8))
    }
}
