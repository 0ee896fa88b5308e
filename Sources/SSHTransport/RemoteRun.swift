/// A running enforcer.
///
/// Closing it or losing the link does not stop the enforcer, which is detached from the connection.
public final class RemoteRun: Sendable {
    private let shell: RootShell
    /// The program that runs.
    public let enforcer: Enforcer
    /// The upload of it; nil if the machine had it.
    public let upload: Upload?

    init(_ shell: RootShell, enforcer: Enforcer, upload: Upload?) {
        self.shell = shell
        self.enforcer = enforcer
        self.upload = upload
    }

    /// The lines of the enforcer without their newlines, for a single reader.
    ///
    /// Ends when the enforcer closes its standard output; throws `TransportError.linkLost` when the link is lost. An
    /// incomplete last line is dropped. The enforcer blocks when a few megabytes are unread.
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

    /// The lines of an enforcer that sends no raw bytes; otherwise as ``lines``.
    ///
    /// They are taken from the session as many at a time as have arrived together. A run without changes reports all of
    /// its properties at once; taken one at a time, each line takes two changes of threads.
    public var textLines: TextLines { TextLines(shell: shell) }

    /// The lines of an enforcer that sends no raw bytes; see ``RemoteRun/textLines``.
    public struct TextLines: AsyncSequence, Sendable {
        public typealias Element = String
        fileprivate let shell: RootShell

        public struct AsyncIterator: AsyncIteratorProtocol {
            fileprivate let shell: RootShell
            fileprivate var group: ArraySlice<ArraySlice<UInt8>> = []

            public mutating func next() async throws -> String? {
                if group.isEmpty { group = try await shell.nextLines()?[...] ?? [] }
                return group.popFirst().map { String(decoding: $0, as: UTF8.self) }
            }
        }

        public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(shell: shell) }
    }

    /// `count` raw bytes that follow the last line.
    /// - Throws: `TransportError.linkLost` if the stream ends before.
    public func bytes(_ count: Int) async throws -> [UInt8] { try await shell.nextBytes(count) }

    /// Sends a line to the enforcer's standard input.
    public func send(_ line: String) async throws {
        try await shell.write(Array((line + "\n").utf8))
    }

    /// Sends raw bytes.
    public func send(bytes: [UInt8]) async throws {
        try await shell.write(bytes)
    }

    /// Closes the enforcer's standard input.
    public func finishSending() async throws {
        try await shell.finishWriting()
    }

    /// Waits for the exit status, and discards unread lines.
    ///
    /// - Returns: `nil` if the server sent no status.
    public func exitStatus() async throws -> RemoteExit? {
        try await shell.exitStatus()
    }

    /// The enforcer's standard error so far: the last 64 kB.
    public var errorOutput: String {
        get async { await shell.errorOutput }
    }

    /// The output of the login shell before the enforcer's first line: the last 16 kB.
    public var noise: String {
        get async { await shell.noiseOutput }
    }

    /// Stops following the enforcer: closes its standard streams.
    public func cancel() async {
        await shell.close()
    }
}
