import Propel
import SSHTransport

/// The standard streams of an enforcer that runs on a machine. Tests have a machine in memory.
protocol EnforcerStreams: Sendable {
    associatedtype TextLines: AsyncSequence where TextLines.Element == String

    /// The lines of its standard output; see `RemoteRun.textLines`.
    var textLines: TextLines { get }
    /// The end of its standard error.
    var errorOutput: String { get async }

    /// Sends a line to its standard input.
    func send(_ line: String) async throws
    /// Sends raw bytes.
    func send(bytes: [UInt8]) async throws
    /// Waits for the exit status; nil if there is none.
    func exitStatus() async throws -> RemoteExit?
    /// Closes the streams.
    func cancel() async
}

extension EnforcerStreams {
    /// Sends an instruction.
    func send(_ instruction: Instruction) async throws { try await send(instruction.json.description) }

    /// Sends an instruction, and at once the raw bytes that belong to it.
    func send(_ instruction: Instruction, with bytes: some Sequence<UInt8>) async throws {
        try await send(bytes: Array((instruction.json.description + "\n").utf8) + bytes)
    }
}

extension RemoteRun: EnforcerStreams {}
