/// The lines that tell off a terminal, every 30 seconds, what a run is doing: a log that stands still looks like a
/// hung run.
struct ProgressLines: Sendable {
    static let interval: Duration = .seconds(30)

    private var state: LiveState
    /// When each host was last told of.
    private var told: [String: ContinuousClock.Instant] = [:]

    init(hosts: [String], now: ContinuousClock.Instant) { state = LiveState(hosts: hosts, now: now) }

    mutating func report(_ progress: HostRun.Progress, of host: String, now: ContinuousClock.Instant) {
        state.report(progress, of: host, now: now)
    }

    mutating func finish(_ host: String) { state.update(host) { $0.isFinished = true } }

    /// The lines that are due: of hosts that have done the same for an interval, and were not told of for as long.
    mutating func due(at now: ContinuousClock.Instant) -> [String] {
        state.hosts.filter { !$0.isFinished && $0.activity != "waiting" }.compactMap { host in
            let last = max(host.since, told[host.name] ?? host.since)
            guard now - last >= Self.interval else { return nil }
            told[host.name] = now
            let count = host.total == 0 ? "" : " \(host.done)/\(host.total)"
            return "\(host.name)\(count): \(host.activity) (\(host.duration(at: now)))".oneLine
        }
    }
}
