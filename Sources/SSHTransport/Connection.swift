import CSSH
import Foundation
import Synchronization
import Vocabulary

/// An open, authenticated SSH connection to one machine.
///
/// All channels share it, so one authentication serves any number of commands. It closes when the last reference goes.
public actor Connection {
    /// The name that the caller connected to.
    public nonisolated let host: String
    /// The login user.
    public nonisolated let user: String
    /// Options of the ssh configuration that are set but not supported, and a host key that could not be saved, each
    /// as a sentence.
    public nonisolated var warnings: [String] { configurationWarnings + connectionWarnings.withLock { $0 } }
    private nonisolated let configurationWarnings: [String]
    nonisolated let connectionWarnings = Mutex<[String]>([])

    nonisolated let prompter: any Prompter
    nonisolated let thread: SessionThread
    nonisolated let cancellation: Cancellation
    var session: Session?
    private var channels: [Int: ChannelState] = [:]
    private var channelCount = 0

    /// The password for sudo or doas, once the user has entered it.
    var rootPassword: Password?
    /// Whether doas has asked for a password, which it reads from a terminal only.
    var doasNeedsTerminal = false
    /// The architecture of the machine, once it is known.
    var architecture: Architecture?

    public nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    private init(configuration: ClientConfiguration, prompter: any Prompter) {
        host = configuration.alias
        user = configuration.user
        configurationWarnings = configuration.warnings
        self.prompter = prompter
        thread = SessionThread(name: "ssh \(configuration.alias)")
        cancellation = Cancellation(thread: thread)
    }

    isolated deinit {
        shutDown()
        thread.stop()
    }

    /// Connects, checks the host key and logs in.
    ///
    /// Cancelling the task ends the attempt immediately.
    ///
    /// - Parameter preparation: what is known of the destination already; nothing by default.
    /// - Throws: `TransportError`, `CancellationError`, or what the prompter throws.
    public static func connect(
        to destination: Destination, preparation: ConnectionPreparation? = nil, prompter: any Prompter,
        resolver: any Resolver = SystemResolver()
    ) async throws -> Connection {
        try await connect(
            to: destination, preparation: preparation, prompter: prompter, resolver: resolver, liveness: Liveness())
    }

    static func connect(
        to destination: Destination, preparation: ConnectionPreparation? = nil, prompter: any Prompter,
        resolver: any Resolver, liveness: Liveness
    ) async throws -> Connection {
        let prepared = try await preparation?.configuration(for: destination)
        let configuration = if let prepared { prepared } else { try await ClientConfiguration.resolve(destination) }
        let connection = Connection(configuration: configuration, prompter: prompter)
        try await withTaskCancellationHandler {
            try await connection.open(destination, configuration, resolver: resolver, liveness: liveness)
        } onCancel: {
            connection.cancel()
        }
        return connection
    }

    /// Closes the connection. Commands that are still running lose their standard streams.
    public func close() {
        shutDown()
    }

    /// Shuts the connection down immediately, from any thread; pending calls throw `CancellationError`.
    public nonisolated func cancel() {
        cancellation.cancel()
    }

    func shutDown() {
        for channel in channels.values { channel.free() }
        channels.removeAll()
        session?.close()
        rootPassword = nil
    }
}

// MARK: - Channels

extension Connection {
    /// Runs a command in the user's login shell.
    ///
    /// - Parameters:
    ///   - command: the command line for the login shell; quote words with `ShellQuoting`.
    ///   - pty: whether to allocate a terminal. Standard error is then merged into standard output.
    public func exec(_ command: String, pty: Bool = false) async throws -> Channel {
        guard !command.utf8.contains(0) else {
            throw TransportError.execRefused(host: host, reason: "a command cannot contain a NUL")
        }
        let session = try liveSession()
        guard let state = ChannelState(session) else {
            throw TransportError.execRefused(host: host, reason: session.errorMessage)
        }
        channelCount += 1
        let number = channelCount
        channels[number] = state
        do {
            try await complete(session) { ssh_channel_open_session(state.raw) }
            if pty { try await complete(session) { ssh_channel_request_pty_size(state.raw, "dumb", 80, 24) } }
            try await complete(session) { ssh_channel_request_exec(state.raw, command) }
        } catch {
            discard(number)
            throw error
        }
        return Channel(connection: self, number: number)
    }

    private var closed: TransportError { .linkLost(host: host, reason: "the connection is closed") }

    private func liveSession() throws -> Session {
        guard let session else { throw closed }
        try session.checkAlive()
        return session
    }

    /// Repeats a non-blocking request until the server has answered it.
    private func complete(_ session: Session, _ request: () -> Int32) async throws {
        while true {
            try session.checkAlive()
            let seen = session.eventCount
            switch request() {
            case SSH_OK: return
            case SSH_AGAIN: try await nextEvent(session, since: seen)
            default:
                guard ssh_is_connected(session.raw) != 0 else {
                    throw TransportError.linkLost(host: host, reason: session.errorMessage)
                }
                throw TransportError.execRefused(host: host, reason: session.errorMessage)
            }
        }
    }

    /// Suspends until the session's event count differs from `seen`, the count before the caller looked: other jobs
    /// may run between looking and suspending.
    private func nextEvent(_ session: Session, since seen: Int) async throws {
        try Task.checkCancellation()
        await withTaskCancellationHandler {
            await suspend(session, since: seen)
        } onCancel: {
            thread.nudge()
        }
        try Task.checkCancellation()
    }

    /// A method rather than a closure above: a closure that does not capture `self` is not isolated to this actor,
    /// and would touch the session from another thread.
    private func suspend(_ session: Session, since seen: Int) async {
        await withCheckedContinuation { session.resumeAtEvent($0, since: seen) }
    }

    private func state(_ number: Int) throws -> (Session, ChannelState) {
        guard let session, let state = channels[number] else { throw closed }
        return (session, state)
    }

    /// The tick of the session before which this time has not passed; see ``Keepalive``.
    func tick(after time: Duration) -> Int { session?.keepalive.tick(after: time) ?? 0 }

    func hasReached(_ tick: Int) -> Bool { session.map { $0.keepalive.ticks >= tick } ?? false }

    /// The next piece of output; `nil` at the end.
    ///
    /// - Parameter tick: the tick of the session at which `DeadlineExceeded` is thrown; none if `nil`.
    func nextOutput(_ number: Int, until tick: Int?) async throws -> Channel.Output? {
        while true {
            let (session, state) = try state(number)
            let seen = session.eventCount
            if let output = state.take() { return output }
            if state.isAtEnd { return nil }
            try session.checkAlive()
            if let tick, hasReached(tick) { throw Channel.DeadlineExceeded() }
            try await nextEvent(session, since: seen)
        }
    }

    func write(_ bytes: ArraySlice<UInt8>, to number: Int) async throws {
        var bytes = bytes
        while !bytes.isEmpty {
            let (session, state) = try state(number)
            let seen = session.eventCount
            try session.checkAlive()
            guard !state.isClosed else { throw TransportError.channelClosed(host: host) }
            let count = min(bytes.count, Int(ssh_channel_window_size(state.raw)), 1 << 16)
            // While the socket is full, libssh would keep everything in memory.
            guard count > 0, !session.isWriting else {
                try await nextEvent(session, since: seen)
                continue
            }
            let written = bytes.withUnsafeBytes { ssh_channel_write(state.raw, $0.baseAddress, UInt32(count)) }
            guard written >= 0 else { throw writeError(session) }
            bytes.removeFirst(Int(written))
            if written == 0 { try await nextEvent(session, since: seen) }
        }
    }

    /// Writes a password and a newline without copying it.
    func write(_ password: Password, to number: Int) async throws {
        while true {
            let (session, state) = try state(number)
            let seen = session.eventCount
            try session.checkAlive()
            guard !state.isClosed else { throw TransportError.channelClosed(host: host) }
            let isWritten = try password.withLine { line in
                guard Int(ssh_channel_window_size(state.raw)) >= line.count else { return false }
                guard ssh_channel_write(state.raw, line.baseAddress, UInt32(line.count)) == Int32(line.count) else {
                    throw writeError(session)
                }
                return true
            }
            if isWritten { return }
            try await nextEvent(session, since: seen)
        }
    }

    /// The error where libssh does not take bytes: the link is lost, or the command has exited.
    private func writeError(_ session: Session) -> TransportError {
        ssh_is_connected(session.raw) == 0
            ? .linkLost(host: host, reason: session.errorMessage) : .channelClosed(host: host)
    }

    func finishWriting(to number: Int) throws {
        let (session, state) = try state(number)
        try session.checkAlive()
        ssh_channel_send_eof(state.raw)
    }

    func exitStatus(_ number: Int) async throws -> RemoteExit? {
        while true {
            let (session, state) = try state(number)
            let seen = session.eventCount
            if state.isClosed { return state.status }
            try session.checkAlive()
            try await nextEvent(session, since: seen)
        }
    }

    func discard(_ number: Int) {
        channels.removeValue(forKey: number)?.free()
        thread.nudge()
    }
}
