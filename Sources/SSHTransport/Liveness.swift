import CSSH
import Foundation

/// Decides whether a link is still alive, at every tick.
///
/// Bytes in either direction are signs of life, and so is an acknowledgement: a slow relay may keep the TCP window
/// closed for minutes, and its kernel answers each probe of the window. TCP_USER_TIMEOUT counts neither (tcp(7)): it
/// cut such an upload after 15 s.
struct Liveness {
    /// The state of a link at a tick.
    struct Sample {
        /// Bytes that have arrived since the beginning.
        var received: UInt64 = 0
        /// Bytes that the peer has taken since the beginning.
        var delivered: UInt64 = 0
        /// Whether bytes wait until the peer takes them.
        var isQueued = false
        /// Whether the peer leaves segments or probes of its window without an acknowledgement.
        var isSilent = false
    }

    /// The time between ticks; 3 s by default.
    let interval: Duration
    /// The ticks without a sign of life after which the link counts as dead: 12 to 15 s after the last one.
    static let limit = 4
    /// The ticks without progress after which a peer that acknowledges probes, but takes nothing, is given up: 5 min.
    static let stallLimit = 100

    private var missed = 0
    private var stalled = 0
    private var last = Sample()

    init(interval: Duration = .seconds(3)) { self.interval = interval }

    /// - Returns: the reason why the link counts as lost; nil while it is alive.
    mutating func tick(_ sample: Sample) -> String? {
        defer { last = sample }
        if sample.received != last.received || sample.delivered != last.delivered {
            (missed, stalled) = (0, 0)
            return nil
        }
        // While bytes are queued, a keepalive waits behind them, so that no reply says nothing.
        missed = sample.isQueued && !sample.isSilent ? 0 : missed + 1
        stalled = sample.isQueued ? stalled + 1 : 0
        if missed >= Self.limit { return "no response for \(seconds(Self.limit)) s" }
        if stalled >= Self.stallLimit { return "nothing could be sent for \(seconds(Self.stallLimit)) s" }
        return nil
    }

    private func seconds(_ ticks: Int) -> Int64 { (interval * ticks).components.seconds }
}

extension Liveness.Sample {
    /// - Parameters:
    ///   - received: bytes that have arrived.
    ///   - sent: bytes that the socket has accepted.
    ///   - interval: the time between ticks.
    init(of descriptor: Int32, received: UInt64, sent: UInt64, interval: Duration) {
        // Bytes that the peer has not acknowledged (SIOCOUTQ, tcp(7)); for a proxy, those that it has not read.
        var queued: Int32 = 0
        _ = ioctl(descriptor, UInt(TIOCOUTQ), &queued)
        self.received = received
        delivered = sent - min(sent, UInt64(max(0, queued)))
        isQueued = queued > 0
        var state = tcp_info()
        var length = socklen_t(MemoryLayout<tcp_info>.size)
        guard getsockopt(descriptor, Int32(IPPROTO_TCP), TCP_INFO, &state, &length) == 0 else { return }
        // One probe may be on its way: after a long wait they are minutes apart.
        let isWaiting = state.tcpi_unacked > 0 || state.tcpi_probes >= 2
        isSilent = isWaiting && Int64(state.tcpi_last_ack_recv) > interval.milliseconds
    }
}

/// Asks the server for a sign of life at every tick: a frozen server is noticed as well as a dead link.
struct Keepalive {
    var liveness: Liveness
    var next: ContinuousClock.Instant
    /// The number of ticks so far. One that comes late counts once: the process did not run, and could hear nothing.
    var ticks = 0
    var bytesAtLast: UInt64 = 0
    var isOutstanding = false

    init(liveness: Liveness) {
        self.liveness = liveness
        next = .now + liveness.interval
    }

    /// The tick before which this time has not passed.
    func tick(after time: Duration) -> Int { ticks + Int((time / liveness.interval).rounded(.up)) + 1 }
}
