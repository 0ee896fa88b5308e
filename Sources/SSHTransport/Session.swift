import CSSH
import Foundation
import PlainText
import Vocabulary

/// One libssh session. It belongs to its `SessionThread` and is not used from any other.
///
/// It is always non-blocking: this class waits for the socket and the thread's wake descriptor together, since libssh
/// waits forever for a server that disconnects at the wrong moment.
final class Session {
    let raw: OpaquePointer
    let configuration: ClientConfiguration
    let cancellation: Cancellation
    private let transport: Transport
    private let counter: UnsafeMutablePointer<ssh_counter_struct>
    private var event: OpaquePointer?
    private var isOpen = true
    /// Continuations that are resumed by every event: packets, a lost link, a nudge of the thread.
    private var waiting: [CheckedContinuation<Void, Never>] = []
    private var bytesSeen: UInt64 = 0
    /// The number of events so far, so that none is missed between looking and waiting.
    private(set) var eventCount = 0
    private(set) var keepalive: Keepalive
    /// Whether libssh waited for the socket at the last event.
    private var wasWriting = false
    /// The descriptor for libssh, which may close it at any time.
    private var duplicate: Int32 = -1
    /// The reason why the link was lost; `nil` while it is up.
    private(set) var lost: String?

    var host: String { configuration.alias }
    var thread: SessionThread { cancellation.thread }

    init(
        _ configuration: ClientConfiguration, transport: Transport, cancellation: Cancellation,
        liveness: Liveness = Liveness()
    ) {
        guard let raw = ssh_new() else { fatalError("out of memory") }
        keepalive = Keepalive(liveness: liveness)
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

    /// Disconnects if the session is open, and frees it.
    func close() {
        guard isOpen else { return }
        isOpen = false
        lost = lost ?? "the connection is closed"
        cancellation.watch(nil)
        if let event {
            ssh_event_remove_fd(event, thread.wakeDescriptor)
            ssh_event_remove_session(event, raw)
            ssh_event_free(event)
        }
        ssh_disconnect(raw)
        ssh_free(raw)
        // libssh leaves its descriptor open; to the server it would be a client that has yet to log in.
        shutdown(transport.descriptor, Int32(SHUT_RDWR))
        if duplicate >= 0, Transport.isSame(duplicate, transport.descriptor) { Glibc.close(duplicate) }
        Glibc.close(transport.descriptor)
        resumeWaiting()
    }

    var errorMessage: String {
        let message = String(cString: ssh_get_error(UnsafeMutableRawPointer(raw)))
        let said = transport.proxy?.output().trimmed ?? ""
        return [message.isEmpty ? "the connection was closed" : message, said].filter { !$0.isEmpty }.joined(
            separator: "; ")
    }
}

// MARK: - Handshake

extension Session {
    func set(_ option: ssh_options_e, _ value: String) {
        ssh_options_set(raw, option, value)
    }

    /// Whether libssh waits until the socket takes what it has.
    var isWriting: Bool { isOpen && ssh_get_poll_flags(raw) & SSH_WRITE_PENDING != 0 }

    /// Performs the key exchange.
    func handshake(hostKeys: HostKeys, until limit: inout TimeLimit, timeout: Duration) throws {
        var off = false
        ssh_options_set(raw, SSH_OPTIONS_PROCESS_CONFIG, &off)
        // libssh closes it on some errors without saying so, and its number may have been reused by then.
        duplicate = fcntl(transport.descriptor, F_DUPFD_CLOEXEC, 0)
        guard duplicate >= 0 else {
            throw TransportError.handshakeFailed(host: host, reason: errorText(errno))
        }
        set(SSH_OPTIONS_HOST, configuration.hostName)
        set(SSH_OPTIONS_USER, configuration.user)
        ssh_options_set(raw, SSH_OPTIONS_FD, &duplicate)
        // `HostKeys` checks the host key.
        set(SSH_OPTIONS_KNOWNHOSTS, "/dev/null")
        set(SSH_OPTIONS_GLOBAL_KNOWNHOSTS, "/dev/null")
        try offerAlgorithms(hostKeys)
        if let agent = configuration.agentSocket { set(SSH_OPTIONS_IDENTITY_AGENT, agent) }

        while true {
            switch ssh_connect(raw) {
            case SSH_OK:
                // libssh has made the socket blocking: it would wait in send(2) for a slow peer, deaf to everything.
                _ = fcntl(transport.descriptor, F_SETFL, fcntl(transport.descriptor, F_GETFL) | O_NONBLOCK)
                return
            case SSH_AGAIN: break
            default:
                try cancellation.check()
                throw handshakeError(errorMessage)
            }
            guard try wait(until: &limit) else {
                throw TransportError.timedOut(
                    host: host, during: "waiting for its SSH server to answer", after: timeout)
            }
        }
    }

    /// Sets the algorithms that the configuration allows. libssh drops unknown ones, and refuses a list without a known
    /// one.
    private func offerAlgorithms(_ hostKeys: HostKeys) throws {
        func set(_ option: ssh_options_e, _ keyword: String, _ algorithms: String) throws {
            guard ssh_options_set(raw, option, algorithms) != SSH_OK else { return }
            throw TransportError.configuration(
                host: host, reason: "\(keyword) \(algorithms) names no supported algorithm")
        }
        for (keyword, options) in [
            ("ciphers", [SSH_OPTIONS_CIPHERS_C_S, SSH_OPTIONS_CIPHERS_S_C]),
            ("macs", [SSH_OPTIONS_HMAC_C_S, SSH_OPTIONS_HMAC_S_C]),
            ("kexalgorithms", [SSH_OPTIONS_KEY_EXCHANGE]),
            ("pubkeyacceptedalgorithms", [SSH_OPTIONS_PUBLICKEY_ACCEPTED_TYPES]),
        ] {
            guard let value = configuration[keyword] else { continue }
            for option in options { try set(option, keyword, value) }
        }
        let keyword = "hostkeyalgorithms"
        if let algorithms = configuration[keyword]?.split(separator: ",").map(String.init) {
            try set(SSH_OPTIONS_HOSTKEYS, keyword, hostKeys.preferred(of: algorithms).joined(separator: ","))
        }
    }

    private func handshakeError(_ reason: String) -> TransportError {
        if let proxy = transport.proxy, ssh_get_serverbanner(raw) == nil {
            return .proxyFailed(host: host, command: proxy.command, output: proxy.output() + "\n" + reason)
        }
        return .handshakeFailed(host: host, reason: reason)
    }

    /// The host key that the server has proved to own.
    func serverKey() throws -> PublicKey {
        var key: OpaquePointer?
        guard ssh_get_server_publickey(raw, &key) == SSH_OK, let key else {
            throw TransportError.handshakeFailed(host: host, reason: errorMessage)
        }
        return PublicKey(adopting: key)
    }

    /// Waits for the server before the event loop runs.
    func wait(until limit: inout TimeLimit) throws -> Bool {
        let inTime = try cancellation.wait(
            for: transport.descriptor, events: Int32(POLLIN) | (isWriting ? Int32(POLLOUT) : 0), until: &limit)
        Transport.acknowledgeQuickly(transport.descriptor)
        return inTime
    }

    /// Drives one request of authentication to its end.
    func drive(timeout: Duration, _ request: () -> Int32) throws -> ssh_auth_e {
        var limit = TimeLimit(timeout)
        while true {
            let result = ssh_auth_e(rawValue: request())
            if result != SSH_AUTH_AGAIN {
                // An error here may be about a single key; that the server has hung up is about all of them.
                if result == SSH_AUTH_ERROR, ssh_is_connected(raw) == 0 { throw disconnected() }
                return result
            }
            guard ssh_is_connected(raw) != 0 else { throw disconnected() }
            guard try wait(until: &limit) else {
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

extension Session {
    /// Starts the event loop: the thread serves the session whenever it has no job.
    func serve() {
        guard let event = ssh_event_new() else { fatalError("out of memory") }
        self.event = event
        ssh_event_add_session(event, raw)
        ssh_event_add_fd(
            event, thread.wakeDescriptor, Int16(POLLIN),
            { descriptor, _, _ in
                SessionThread.drain(descriptor)
                return 0
            }, nil)
        keepalive = Keepalive(liveness: keepalive.liveness)
        thread.idle = { [unowned self] in turn() }
    }

    /// One iteration of the event loop.
    private func turn() {
        // A job may have made libssh read packets, so there may be an event already.
        if resumeIfChanged() { return }
        guard isOpen, lost == nil, let event else {
            thread.waitForWake()
            _ = resumeIfChanged()
            return
        }
        let left = max(.zero, keepalive.next - .now)
        let result = ssh_event_dopoll(event, Int32(left.milliseconds + 1))
        Transport.acknowledgeQuickly(transport.descriptor)
        if ssh_is_connected(raw) == 0 || (result == SSH_ERROR && errno != EINTR) {
            lost = errorMessage
        }
        keepAlive()
        _ = resumeIfChanged()
    }

    private func keepAlive() {
        guard lost == nil, ContinuousClock.now >= keepalive.next else { return }
        let interval = keepalive.liveness.interval
        keepalive.next = .now + interval
        let bytes = counter.pointee.in_bytes
        if bytes != keepalive.bytesAtLast {
            // libssh keeps the reply until the next call, and only sends again after that.
            if keepalive.isOutstanding { ssh_send_keepalive(raw) }
            keepalive.isOutstanding = false
        }
        keepalive.bytesAtLast = bytes
        lost = keepalive.liveness.tick(
            Liveness.Sample(
                of: transport.descriptor, received: bytes, sent: counter.pointee.out_bytes, interval: interval))
        // Behind bytes that are queued it would tell nothing.
        if lost == nil, !keepalive.isOutstanding, !isWriting {
            ssh_send_keepalive(raw)
            keepalive.isOutstanding = true
        }
        keepalive.ticks += 1
        // Waiters with a limit look at the ticks.
        thread.nudge()
    }

    /// - Returns: whether waiters were resumed.
    private func resumeIfChanged() -> Bool {
        let nudged = thread.takeNudge()
        let hasChanged = nudged || bytesSeen != counter.pointee.in_bytes || lost != nil || (wasWriting && !isWriting)
        wasWriting = isWriting
        bytesSeen = counter.pointee.in_bytes
        if hasChanged { eventCount += 1 }
        guard hasChanged, !waiting.isEmpty else { return false }
        resumeWaiting()
        return true
    }

    private func resumeWaiting() {
        let resumed = waiting
        waiting.removeAll()
        for continuation in resumed { continuation.resume() }
    }

    /// - Parameter seen: `eventCount` when the caller last looked.
    func resumeAtEvent(_ continuation: CheckedContinuation<Void, Never>, since seen: Int) {
        thread.checkIsolated()
        if eventCount == seen { waiting.append(continuation) } else { continuation.resume() }
    }

    /// Throws if the link was lost or the connection cancelled.
    func checkAlive() throws {
        try cancellation.check()
        if let lost { throw TransportError.linkLost(host: host, reason: lost) }
    }
}
