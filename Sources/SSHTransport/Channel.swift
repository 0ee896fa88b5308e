import CSSH

/// One command on the machine and its standard streams. It is closed when the last reference goes.
public final class Channel: Sendable {
    let connection: Connection
    private let number: Int

    init(connection: Connection, number: Int) {
        self.connection = connection
        self.number = number
    }

    deinit {
        let (connection, number) = (connection, number)
        Task { await connection.discard(number) }
    }

    /// A piece of output, in the order of arrival.
    public enum Output: Sendable, Equatable {
        case standardOutput([UInt8])
        case standardError([UInt8])
    }

    struct DeadlineExceeded: Error {}

    /// The next piece of output; `nil` once the command has closed both streams.
    ///
    /// The command blocks when a few megabytes of output are unread. Output that arrived before the link was lost is
    /// returned before the error is thrown.
    ///
    /// - Throws: `TransportError.linkLost`.
    public func next() async throws -> Output? {
        try await connection.nextOutput(number, until: nil)
    }

    /// Like ``next()``, but throws `DeadlineExceeded` at a tick; see ``Connection/tick(after:)``.
    func next(until tick: Int) async throws -> Output? {
        try await connection.nextOutput(number, until: tick)
    }

    /// Writes to the command's standard input; returns when libssh has accepted all of it.
    ///
    /// - Throws: `TransportError.channelClosed` where the command has ended.
    public func write(_ bytes: some Collection<UInt8> & Sendable) async throws {
        try await connection.write(ArraySlice(bytes), to: number)
    }

    func write(_ password: Password) async throws {
        try await connection.write(password, to: number)
    }

    /// Closes the command's standard input.
    public func finishWriting() async throws {
        try await connection.finishWriting(to: number)
    }

    /// Waits for the end of the command. Read its output first: a command with unread output may block.
    ///
    /// - Returns: `nil` if the server closed the channel without a status.
    public func exitStatus() async throws -> RemoteExit? {
        try await connection.exitStatus(number)
    }

    /// Closes the channel: the command loses its standard streams.
    public func close() async {
        await connection.discard(number)
    }

    /// Reads all output, then waits for the end of the command.
    public func collect() async throws -> (output: [UInt8], error: [UInt8], status: RemoteExit?) {
        var output: [UInt8] = []
        var error: [UInt8] = []
        while let piece = try await next() {
            switch piece {
            case .standardOutput(let bytes): output += bytes
            case .standardError(let bytes): error += bytes
            }
        }
        return (output, error, try await exitStatus())
    }
}

/// The state of a channel that belongs to the session's thread.
final class ChannelState {
    let raw: OpaquePointer
    private(set) var status: RemoteExit?
    private(set) var isClosed = false
    private var hasEOF = false
    private var pieces: [Channel.Output] = []
    private var buffered = 0
    private var isHoldingBack = false
    private var isFreed = false
    private let callbacks: UnsafeMutablePointer<ssh_channel_callbacks_struct>

    /// Above this number of buffered bytes, data stays with libssh, which then stops opening the window.
    private static let highWater = 2 << 20

    /// Installs callbacks: without them the window fills up and both sides wait forever.
    init?(_ session: Session) {
        guard let raw = ssh_channel_new(session.raw) else { return nil }
        self.raw = raw
        callbacks = .allocate(capacity: 1)
        var table = ssh_channel_callbacks_struct()
        table.size = MemoryLayout<ssh_channel_callbacks_struct>.size
        table.channel_data_function = { _, _, data, count, isError, state in
            guard let data, let state else { return 0 }
            return ChannelState.from(state).receive(
                UnsafeRawBufferPointer(start: data, count: Int(count)), isError: isError != 0)
        }
        table.channel_eof_function = { _, _, state in state.map { ChannelState.from($0).hasEOF = true } }
        table.channel_close_function = { _, _, state in state.map { ChannelState.from($0).isClosed = true } }
        table.channel_exit_status_function = { _, _, code, state in
            state.map { ChannelState.from($0).status = .exited(Int(code)) }
        }
        table.channel_exit_signal_function = { _, _, name, _, _, _, state in
            state.map { ChannelState.from($0).status = .signalled(name.map { String(cString: $0) } ?? "?") }
        }
        callbacks.initialize(to: table)
        callbacks.pointee.userdata = Unmanaged.passUnretained(self).toOpaque()
        ssh_set_channel_callbacks(raw, callbacks)
    }

    private static func from(_ pointer: UnsafeMutableRawPointer) -> ChannelState {
        Unmanaged<ChannelState>.fromOpaque(pointer).takeUnretainedValue()
    }

    /// Frees the channel. Must be called before the session is freed.
    func free() {
        guard !isFreed else { return }
        isFreed = true
        ssh_remove_channel_callbacks(raw, callbacks)
        ssh_channel_free(raw)
    }

    deinit { callbacks.deallocate() }

    /// Whether all output has been taken and no more can arrive.
    var isAtEnd: Bool { (hasEOF || isClosed) && pieces.isEmpty && !isHoldingBack }

    private func receive(_ data: UnsafeRawBufferPointer, isError: Bool) -> Int32 {
        guard buffered < Self.highWater else {
            isHoldingBack = true
            return 0
        }
        append(Array(data), isError: isError)
        return Int32(data.count)
    }

    private func append(_ bytes: [UInt8], isError: Bool) {
        buffered += bytes.count
        pieces.append(isError ? .standardError(bytes) : .standardOutput(bytes))
    }

    func take() -> Channel.Output? {
        if pieces.isEmpty, isHoldingBack { fetch() }
        guard !pieces.isEmpty else { return nil }
        let piece = pieces.removeFirst()
        switch piece {
        case .standardOutput(let bytes), .standardError(let bytes): buffered -= bytes.count
        }
        return piece
    }

    /// Takes the data that was left with libssh, which then opens the window again.
    private func fetch() {
        isHoldingBack = false
        for isError in [false, true] {
            while case let count = ssh_channel_poll(raw, isError ? 1 : 0), count > 0 {
                var chunk = [UInt8](repeating: 0, count: Int(count))
                let read = ssh_channel_read_nonblocking(raw, &chunk, UInt32(count), isError ? 1 : 0)
                guard read > 0 else { break }
                append(Array(chunk[..<Int(read)]), isError: isError)
            }
        }
    }
}
