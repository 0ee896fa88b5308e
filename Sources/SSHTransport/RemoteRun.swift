/// A running enforcer.
///
/// Closing it, or losing the link, does not end what the enforcer does: it only stops being watched.
public final class RemoteRun: Sendable {
    private let shell: RootShell
    /// The program that runs.
    public let enforcer: Enforcer

    init(_ shell: RootShell, enforcer: Enforcer) {
        self.shell = shell
        self.enforcer = enforcer
    }

    /// The lines of the enforcer, each without its newline, as they come. To be read by one reader.
    ///
    /// Ends when the enforcer closes its standard output; throws `TransportError.linkLost` when the link goes. A last line that
    /// was cut short is left out. While nobody reads, the enforcer waits once some megabytes are on their way.
    public var lines: Lines { Lines(shell: shell) }

    /// The lines of an enforcer; see ``RemoteRun/lines``.
    public struct Lines: AsyncSequence, Sendable {
        public typealias Element = String
        fileprivate let shell: RootShell

        public struct AsyncIterator: AsyncIteratorProtocol {
            fileprivate let shell: RootShell

            public func next() async throws -> String? {
                try await shell.nextLine().map { String(decoding: $0, as: UTF8.self) }
            }
        }

        public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(shell: shell) }
    }

    /// So many bytes that follow the line that was read last, as they are.
    /// - Throws: `TransportError.linkLost` where they do not come.
    public func bytes(_ count: Int) async throws -> [UInt8] { try await shell.nextBytes(count) }

    /// Sends a line to the enforcer's standard input.
    public func send(_ line: String) async throws {
        try await shell.write(Array((line + "\n").utf8))
    }

    /// Sends bytes as they are.
    public func send(bytes: [UInt8]) async throws {
        try await shell.write(bytes)
    }

    /// Closes the enforcer's standard input.
    public func finishSending() async throws {
        try await shell.finishWriting()
    }

    /// Waits for the enforcer's end, throwing away lines that were not read.
    ///
    /// - Returns: `nil` where the machine told no status.
    public func exitStatus() async throws -> RemoteExit? {
        try await shell.exitStatus()
    }

    /// What the enforcer has said on standard error so far: the last 64 kB.
    public var errorOutput: String {
        get async { await shell.errorOutput }
    }

    /// What the login shell printed before the enforcer spoke: the last 16 kB.
    public var noise: String {
        get async { await shell.noiseOutput }
    }

    /// Stops watching: closes the enforcer's standard streams.
    public func cancel() async {
        await shell.close()
    }
}
