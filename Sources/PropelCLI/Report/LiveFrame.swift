/// The state of the hosts whose runs go on, as the live lines show it.
struct LiveState: Sendable {
    struct Host: Sendable {
        var name: String
        var activity = "waiting"
        /// When the activity began.
        var since: ContinuousClock.Instant
        /// The median in seconds of how long it took in earlier runs; nil if it is not known.
        var usual: Double?
        /// The number of properties that are reported already, and of all; 0 until the run has begun.
        var done = 0
        var total = 0
        var isFinished = false
    }

    var hosts: [Host]
    /// The number of the frame, which turns the spinner.
    var tick = 0
    var now: ContinuousClock.Instant

    init(hosts: [String], now: ContinuousClock.Instant) {
        self.hosts = hosts.map { Host(name: $0, since: now) }
        self.now = now
    }

    mutating func update(_ host: String, _ body: (inout Host) -> Void) {
        guard let index = hosts.firstIndex(where: { $0.name == host }) else { return }
        body(&hosts[index])
    }

    /// Notes what a host is doing now.
    mutating func report(_ progress: HostRun.Progress, of host: String, now: ContinuousClock.Instant) {
        update(host) { host in
            switch progress {
            case .event(.started(_, _, _, let steps)): host.total = steps
            case .event(.property): host.done += 1
            default: break
            }
            guard let activity = ReportText.activity(progress), host.activity != activity else { return }
            host.activity = activity
            switch progress {
            // The words of an upload or of a property that is applied change, and it is still the same one.
            case .uploading, .event(.progress): break
            case .event(.applying(_, let usual)): (host.since, host.usual) = (now, usual)
            default: (host.since, host.usual) = (now, nil)
            }
        }
    }
}

extension LiveState.Host {
    /// How long it has been doing the same, beside how long that took in earlier runs: “12 s, usually 40 s”.
    func duration(at now: ContinuousClock.Instant) -> String {
        let time = ReportText.duration((now - since).inSeconds.rounded())
        return time + (usual.map { ", usually \(ReportText.duration($0))" } ?? "")
    }
}

/// The live lines at the bottom of a terminal: one for each host whose run goes on.
struct LiveFrame {
    let state: LiveState

    private static let spinner = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"]
    /// The most lines that a frame has: the report above it is what people read.
    private static let lineLimit = 12

    init(_ state: LiveState) { self.state = state }

    /// Lines of fewer than `width` columns, at least two fewer than `height`. A host's line is wrapped between words
    /// if there is room, else cut after a word; hosts beyond the last line are counted.
    func lines(width: Int, height: Int) -> [String] {
        let room = max(1, min(Self.lineLimit, height - 2)), width = max(10, width - 1)
        let open = state.hosts.filter { !$0.isFinished }
        let nameWidth = open.map(\.name.columns).max() ?? 0
        let rows = open.map { line(of: $0, nameWidth: min(nameWidth, width / 2)) }
        let wrapped = rows.map { row in
            StyledLine(row, indentation: 4).wrapped(to: width).map { $0.text(isColored: false).clipped(to: width) }
        }
        if wrapped.reduce(0, { $0 + $1.count }) <= room { return wrapped.flatMap(\.self) }
        if rows.count <= room { return rows.map { $0.clipped(to: width) } }
        let shown = rows.prefix(room - 1).map { $0.clipped(to: width) }
        return shown + ["  and \(rows.count - shown.count) more".clipped(to: width)]
    }

    private func line(of host: LiveState.Host, nameWidth: Int) -> String {
        let seconds = (state.now - host.since).inSeconds
        let count = host.total == 0 ? "" : " \(host.done)/\(host.total)"
        let waited = seconds < 3 ? "" : " (\(host.duration(at: state.now)))"
        let name = host.name.oneLine.padded(to: nameWidth)
        return "\(Self.spinner[state.tick % Self.spinner.count]) \(name)\(count)  \(host.activity.oneLine)\(waited)"
    }
}
