import Vocabulary
import CSSH
import Foundation

/// An open, authenticated SSH connection to one machine.
///
/// All channels share it, so a machine is asked for one authentication however many commands run there. It closes when it is no
/// longer referred to.
public actor Connection {
    /// The name that the machine was asked for by.
    public nonisolated let host: String
    /// The login user.
    public nonisolated let user: String
    /// Options of the ssh configuration that are set but not honoured, each as a sentence.
    public nonisolated let warnings: [String]

    nonisolated let prompter: any Prompter
    nonisolated let thread: SessionThread
    private nonisolated let cancellation: Cancellation
    private var session: Session?
    private var channels: [Int: ChannelState] = [:]
    private var channelCount = 0

    /// The password of sudo or doas, once it was asked for and found to be right.
    var rootPassword: Password?
    /// doas has asked for a password, which it takes from a terminal only.
    var doasNeedsTerminal = false
    /// The processor, once the machine has told.
    var architecture: Architecture?

    public nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    private init(configuration: ClientConfiguration, prompter: any Prompter) {
        host = configuration.alias
        user = configuration.user
        warnings = configuration.warnings
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
    /// Cancelling the task ends it at once.
    ///
    /// - Throws: `TransportError`, `CancellationError`, or what the prompter throws.
    public static func connect(
        to destination: Destination, prompter: any Prompter, resolver: any Resolver = SystemResolver()
    ) async throws -> Connection {
        let configuration = try await ClientConfiguration.resolve(destination)
        let connection = Connection(configuration: configuration, prompter: prompter)
        try await withTaskCancellationHandler {
            try await connection.open(destination, configuration, resolver: resolver)
        } onCancel: {
            connection.cancel()
        }
        return connection
    }

    private func open(
        _ destination: Destination, _ configuration: ClientConfiguration, resolver: any Resolver
    ) async throws {
        let timeout = destination.connectTimeout ?? configuration.connectTimeout ?? .seconds(10)
        let deadline = ContinuousClock.now + timeout
        do {
            let hostKeys = try HostKeys(pinned: destination.hostKeys, configuration: configuration)
            let transport = try Transport.open(
                configuration, configurationFile: destination.configurationFile, resolver: resolver, until: deadline,
                timeout: timeout,
                cancellation: cancellation)
            let session = Session(configuration, transport: transport, cancellation: cancellation)
            self.session = session
            try session.handshake(hostKeys: hostKeys, until: deadline, timeout: timeout)
            try await accept(try session.serverKey(), hostKeys: hostKeys, configuration: configuration)
            var authentication = Authentication(session: session, prompter: prompter, timeout: timeout)
            try await authentication.run(isolation: self)
            session.serve()
        } catch {
            shutDown()
            throw cancellation.isCancelled ? CancellationError() : error
        }
    }

    private func accept(_ key: PublicKey, hostKeys: HostKeys, configuration: ClientConfiguration) async throws {
        switch hostKeys.verdict(on: key) {
        case .known: return
        case .revoked(let source):
            throw TransportError.hostKeyRevoked(host: host, fingerprint: key.fingerprint, source: source)
        case .changed(let expected):
            throw TransportError.hostKeyChanged(
                host: host, presented: "\(key.type) \(key.fingerprint)", expected: expected)
        case .unknown:
            let isWelcome: Bool =
                switch configuration["stricthostkeychecking"] {
                case "yes", "true": false
                case "accept-new", "no", "off", "false": true
                default:
                    try await prompter.confirm(
                        """
                        \(host) (\(configuration.hostKeyName)) is not known yet. Its host key is
                          \(key.type) \(key.fingerprint)
                        Is this the right machine?
                        """)
                }
            guard isWelcome else {
                throw TransportError.hostKeyUnknown(host: host, keyType: key.type, fingerprint: key.fingerprint)
            }
            try await HostKeys.add(key, configuration: configuration)
        }
    }

    /// Ends the connection in order. Commands that still run lose their standard streams.
    public func close() {
        shutDown()
    }

    /// Ends the connection at once, from anywhere; everything that waits for it throws `CancellationError`.
    public nonisolated func cancel() {
        cancellation.cancel()
    }

    private func shutDown() {
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
    ///   - command: What the shell reads; quote words with `ShellQuoting`.
    ///   - pty: Whether to give it a terminal. Standard error then comes with standard output.
    public func exec(_ command: String, pty: Bool = false) async throws -> Channel {
        guard !command.utf8.contains(0) else {
            throw TransportError.execRefused(host: host, reason: "a command cannot hold a zero byte")
        }
        let session = try liveSession()
        guard let state = ChannelState(session) else {
            throw TransportError.execRefused(host: host, reason: session.errorMessage)
        }
        channelCount += 1
        let number = channelCount
        channels[number] = state
        do {
            try await settle(session) { ssh_channel_open_session(state.raw) }
            if pty { try await settle(session) { ssh_channel_request_pty_size(state.raw, "dumb", 80, 24) } }
            try await settle(session) { ssh_channel_request_exec(state.raw, command) }
        } catch {
            discard(number)
            throw error
        }
        return Channel(connection: self, number: number)
    }

    private func liveSession() throws -> Session {
        guard let session else { throw TransportError.linkLost(host: host, reason: "it is closed") }
        try session.checkAlive()
        return session
    }

    /// Repeats a request until the server has answered it.
    private func settle(_ session: Session, _ request: () -> Int32) async throws {
        while true {
            try session.checkAlive()
            let seen = session.newsCount
            switch request() {
            case SSH_OK: return
            case SSH_AGAIN: try await news(session, since: seen)
            default:
                guard ssh_is_connected(session.raw) != 0 else {
                    throw TransportError.linkLost(host: host, reason: session.errorMessage)
                }
                throw TransportError.execRefused(host: host, reason: session.errorMessage)
            }
        }
    }

    /// Suspends until something has happened on the session since `seen`, the count of news before the caller looked: other jobs
    /// may run between looking and suspending.
    private func news(_ session: Session, since seen: Int) async throws {
        try Task.checkCancellation()
        await withTaskCancellationHandler {
            await suspend(session, since: seen)
        } onCancel: {
            thread.nudge()
        }
        try Task.checkCancellation()
    }

    /// Not written in the closure above: one that does not capture `self` is not isolated to this actor, and would touch the session
    /// from another thread.
    private func suspend(_ session: Session, since seen: Int) async {
        await withCheckedContinuation { session.resumeAtNews($0, since: seen) }
    }

    private func state(_ number: Int) throws -> (Session, ChannelState) {
        guard let session, let state = channels[number] else {
            throw TransportError.linkLost(host: host, reason: "it is closed")
        }
        return (session, state)
    }

    /// The next piece of output, or `nil` at its end.
    func nextOutput(_ number: Int, until deadline: ContinuousClock.Instant?) async throws -> Channel.Output? {
        while true {
            let (session, state) = try state(number)
            let seen = session.newsCount
            if let output = state.take() { return output }
            if state.isAtEnd { return nil }
            try session.checkAlive()
            if let deadline, ContinuousClock.now >= deadline { throw Channel.DeadlineExceeded() }
            try await news(session, since: seen)
        }
    }

    func write(_ bytes: ArraySlice<UInt8>, to number: Int) async throws {
        var bytes = bytes
        while !bytes.isEmpty {
            let (session, state) = try state(number)
            let seen = session.newsCount
            try session.checkAlive()
            guard !state.isClosed else { throw TransportError.channelClosed(host: host) }
            let count = min(bytes.count, Int(ssh_channel_window_size(state.raw)), 1 << 16)
            guard count > 0 else {
                try await news(session, since: seen)
                continue
            }
            let written = bytes.withUnsafeBytes { ssh_channel_write(state.raw, $0.baseAddress, UInt32(count)) }
            guard written >= 0 else { throw TransportError.channelClosed(host: host) }
            bytes.removeFirst(Int(written))
            if written == 0 { try await news(session, since: seen) }
        }
    }

    /// Writes a password and a newline, without another copy of it.
    func write(_ password: Password, to number: Int) async throws {
        while true {
            let (session, state) = try state(number)
            let seen = session.newsCount
            try session.checkAlive()
            guard !state.isClosed else { throw TransportError.channelClosed(host: host) }
            let isWritten = try password.withLine { line in
                guard Int(ssh_channel_window_size(state.raw)) >= line.count else { return false }
                guard ssh_channel_write(state.raw, line.baseAddress, UInt32(line.count)) == Int32(line.count) else {
                    throw TransportError.channelClosed(host: host)
                }
                return true
            }
            if isWritten { return }
            try await news(session, since: seen)
        }
    }

    func finishWriting(to number: Int) throws {
        let (session, state) = try state(number)
        try session.checkAlive()
        ssh_channel_send_eof(state.raw)
    }

    func exitStatus(_ number: Int) async throws -> RemoteExit? {
        while true {
            let (session, state) = try state(number)
            let seen = session.newsCount
            if state.isClosed { return state.status }
            try session.checkAlive()
            try await news(session, since: seen)
        }
    }

    func discard(_ number: Int) {
        channels.removeValue(forKey: number)?.free()
        thread.nudge()
    }
}
