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

extension RemoteRun: EnforcerStreams {}
