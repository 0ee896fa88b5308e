import CSSH
import Foundation

/// One libssh session. It lives on its `SessionThread` and is not touched from anywhere else.
///
/// It is always non-blocking: waiting is done here, on the socket and the thread's wake descriptor together, since libssh by itself
/// waits for ever on a server that disconnects in the wrong moment.
final class Session {
    let raw: OpaquePointer
    let configuration: ClientConfiguration
    let cancellation: Cancellation
    private let transport: Transport
    private let counter: UnsafeMutablePointer<ssh_counter_struct>
    private var event: OpaquePointer?
    private var isOpen = true
    /// Resumed whenever something may have changed: packets came, the link was lost, somebody nudged the thread.
    private var waiting: [CheckedContinuation<Void, Never>] = []
    private var bytesSeen: UInt64 = 0
    /// Counts the news, so that none is missed between looking and waiting.
    private(set) var newsCount = 0
    private var keepalive = Keepalive()
    /// Why the link is gone.
    private(set) var lost: String?

    var host: String { configuration.alias }
    var thread: SessionThread { cancellation.thread }

    init(_ configuration: ClientConfiguration, transport: Transport, cancellation: Cancellation) {
        guard let raw = ssh_new() else { fatalError("out of memory") }
        self.raw = raw
        self.configuration = configuration
        self.transport = transport
        self.cancellation = cancellation
        counter = .allocate(capacity: 1)
        counter.initialize(to: ssh_counter_struct())
        cancellation.watch(transport.descriptor)
        ssh_set_counters(raw, counter, nil)
        ssh_set_blocking(raw, 0)
    }

    deinit {
        close()
        counter.deallocate()
    }

    /// Ends the session in order where it is still up, and frees it.
    func close() {
        guard isOpen else { return }
        isOpen = false
        lost = lost ?? "it is closed"
        cancellation.watch(nil)
        if let event {
            ssh_event_remove_fd(event, thread.wakeDescriptor)
            ssh_event_remove_session(event, raw)
            ssh_event_free(event)
        }
        ssh_disconnect(raw)
        ssh_free(raw)
        Glibc.close(transport.descriptor)
        resumeWaiting()
    }

    var errorMessage: String {
        let message = String(cString: ssh_get_error(UnsafeMutableRawPointer(raw)))
        let said = transport.proxy?.output().trimmingCharacters(in: .whitespacesAndNewlines) ?? ""
        return [message.isEmpty ? "the connection was closed" : message, said].filter { !$0.isEmpty }.joined(
            separator: "; ")
    }
}

// MARK: - Handshake

extension Session {
    func set(_ option: ssh_options_e, _ value: String) {
        ssh_options_set(raw, option, value)
    }

    /// Exchanges keys.
    func handshake(hostKeys: HostKeys, until deadline: ContinuousClock.Instant, timeout: Duration) throws {
        var off = false
        ssh_options_set(raw, SSH_OPTIONS_PROCESS_CONFIG, &off)
        // One of its own: libssh closes it by itself on some errors and does not tell, and the number may be another's by then. (Where
        // it refuses its options before it takes it, it stays open until this program ends.)
        var descriptor = fcntl(transport.descriptor, F_DUPFD_CLOEXEC, 0)
        guard descriptor >= 0 else {
            throw TransportError.handshakeFailed(host: host, reason: String(cString: strerror(errno)))
        }
        set(SSH_OPTIONS_HOST, configuration.hostName)
        set(SSH_OPTIONS_USER, configuration.user)
        ssh_options_set(raw, SSH_OPTIONS_FD, &descriptor)
        // Host keys are judged by `HostKeys`.
        set(SSH_OPTIONS_KNOWNHOSTS, "/dev/null")
        set(SSH_OPTIONS_GLOBAL_KNOWNHOSTS, "/dev/null")
        for (keyword, options) in [
            ("ciphers", [SSH_OPTIONS_CIPHERS_C_S, SSH_OPTIONS_CIPHERS_S_C]),
            ("macs", [SSH_OPTIONS_HMAC_C_S, SSH_OPTIONS_HMAC_S_C]),
            ("kexalgorithms", [SSH_OPTIONS_KEY_EXCHANGE]),
            ("pubkeyacceptedalgorithms", [SSH_OPTIONS_PUBLICKEY_ACCEPTED_TYPES]),
        ] {
            guard let value = configuration[keyword] else { continue }
            // libssh drops the algorithms that it does not know, and refuses a list in which it knows none.
            for option in options where ssh_options_set(raw, option, value) != SSH_OK {
                throw TransportError.configuration(host: host, reason: "none of \(keyword) \(value) is supported")
            }
        }
        if let algorithms = configuration["hostkeyalgorithms"]?.split(separator: ",").map(String.init) {
            set(SSH_OPTIONS_HOSTKEYS, hostKeys.preferred(of: algorithms).joined(separator: ","))
        }
        if let agent = try configuration.agentSocket { set(SSH_OPTIONS_IDENTITY_AGENT, agent) }

        while true {
            switch ssh_connect(raw) {
            case SSH_OK: return
            case SSH_AGAIN: break
            default:
                try cancellation.check()
                throw handshakeError(errorMessage)
            }
            guard try wait(until: deadline) else {
                throw TransportError.timedOut(
                    host: host, during: "waiting for its SSH server to answer", after: timeout)
            }
        }
    }

    private func handshakeError(_ reason: String) -> TransportError {
        if let proxy = transport.proxy, ssh_get_serverbanner(raw) == nil {
            return .proxyFailed(host: host, command: proxy.command, output: proxy.output() + "\n" + reason)
        }
        return .handshakeFailed(host: host, reason: reason)
    }

    /// The key that the server has proved to hold.
    func serverKey() throws -> PublicKey {
        var key: OpaquePointer?
        guard ssh_get_server_publickey(raw, &key) == SSH_OK, let key else {
            throw TransportError.handshakeFailed(host: host, reason: errorMessage)
        }
        return PublicKey(adopting: key)
    }

    /// Waits for the server while no event loop runs yet.
    func wait(until deadline: ContinuousClock.Instant) throws -> Bool {
        let isWriting = ssh_get_poll_flags(raw) & SSH_WRITE_PENDING != 0
        let inTime = try cancellation.wait(
            for: transport.descriptor, events: Int32(POLLIN) | (isWriting ? Int32(POLLOUT) : 0), until: deadline)
        Transport.acknowledgeQuickly(transport.descriptor)
        return inTime
    }

    /// Drives one request of authentication to its end.
    func drive(timeout: Duration, _ request: () -> Int32) throws -> ssh_auth_e {
        let deadline = ContinuousClock.now + timeout
        while true {
            let result = ssh_auth_e(rawValue: request())
            if result != SSH_AUTH_AGAIN {
                // An error here may be about a single key; that the server has hung up is about all of them.
                if result == SSH_AUTH_ERROR, ssh_is_connected(raw) == 0 { throw disconnected() }
                return result
            }
            guard ssh_is_connected(raw) != 0 else { throw disconnected() }
            guard try wait(until: deadline) else {
                throw TransportError.timedOut(host: host, during: "logging in", after: timeout)
            }
        }
    }

    private func disconnected() -> any Error {
        if cancellation.isCancelled { return CancellationError() }
        return TransportError.linkLost(host: host, reason: errorMessage)
    }
}

// MARK: - Event loop

/// When to ask the server for a sign of life: every 5 s of silence, and given up after three.
///
/// TCP keepalives find a dead link; these find a frozen server as well.
private struct Keepalive {
    static let interval: Duration = .seconds(5)
    static let misses = 3

    var next = ContinuousClock.now + Keepalive.interval
    var missed = 0
    var bytesAtLast: UInt64 = 0
    var isOutstanding = false
}

extension Session {
    /// From now on the thread serves the session whenever it has nothing else to do.
    func serve() {
        guard let event = ssh_event_new() else { fatalError("out of memory") }
        self.event = event
        ssh_event_add_session(event, raw)
        ssh_event_add_fd(
            event, thread.wakeDescriptor, Int16(POLLIN),
            { descriptor, _, _ in
                var count: UInt64 = 0
                _ = read(descriptor, &count, MemoryLayout<UInt64>.size)
                return 0
            }, nil)
        keepalive = Keepalive()
        thread.idle = { [unowned self] in turn() }
    }

    /// Waits for the socket once.
    private func turn() {
        // A job may have made libssh read packets, so there may be news before any waiting.
        if notice() { return }
        guard isOpen, lost == nil, let event else {
            var descriptor = pollfd(fd: thread.wakeDescriptor, events: Int16(POLLIN), revents: 0)
            _ = poll(&descriptor, 1, -1)
            thread.drainWake()
            _ = notice()
            return
        }
        let left = max(.zero, keepalive.next - .now)
        let milliseconds = left.components.seconds * 1000 + left.components.attoseconds / 1_000_000_000_000_000 + 1
        let result = ssh_event_dopoll(event, Int32(milliseconds))
        Transport.acknowledgeQuickly(transport.descriptor)
        if ssh_is_connected(raw) == 0 || (result == SSH_ERROR && errno != EINTR) {
            lost = errorMessage
        }
        keepAlive()
        _ = notice()
    }

    private func keepAlive() {
        guard lost == nil, ContinuousClock.now >= keepalive.next else { return }
        keepalive.next = .now + Keepalive.interval
        let bytes = counter.pointee.in_bytes
        if bytes != keepalive.bytesAtLast {
            keepalive.missed = 0
            // libssh keeps the answer until it is asked again; only then it sends anew.
            if keepalive.isOutstanding { ssh_send_keepalive(raw) }
            keepalive.isOutstanding = false
        } else {
            keepalive.missed += 1
        }
        keepalive.bytesAtLast = bytes
        if keepalive.missed >= Keepalive.misses {
            lost = "no sign of life for \(Keepalive.interval.components.seconds * Int64(Keepalive.misses)) s"
        } else if !keepalive.isOutstanding {
            ssh_send_keepalive(raw)
            keepalive.isOutstanding = true
        }
        // Those who wait with a deadline look at the clock.
        thread.nudge()
    }

    /// - Returns: whether there was news for those who wait.
    private func notice() -> Bool {
        let nudged = thread.takeNudge()
        let hasNews = nudged || bytesSeen != counter.pointee.in_bytes || lost != nil
        bytesSeen = counter.pointee.in_bytes
        if hasNews { newsCount += 1 }
        guard hasNews, !waiting.isEmpty else { return false }
        resumeWaiting()
        return true
    }

    private func resumeWaiting() {
        let resumed = waiting
        waiting.removeAll()
        for continuation in resumed { continuation.resume() }
    }

    /// - Parameter seen: `newsCount` when the caller last looked at what it waits for.
    func resumeAtNews(_ continuation: CheckedContinuation<Void, Never>, since seen: Int) {
        thread.checkIsolated()
        if newsCount == seen { waiting.append(continuation) } else { continuation.resume() }
    }

    /// Throws where the link is gone.
    func checkAlive() throws {
        try cancellation.check()
        if let lost { throw TransportError.linkLost(host: host, reason: lost) }
    }
}
