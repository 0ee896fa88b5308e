/// How a run on several hosts is done.
struct RunOptions: Sendable {
    /// The names of the properties or groups to which it is restricted; all if empty.
    var only: [String] = []
    /// The number of hosts at the same time.
    var jobs = 20
    /// The order of the hosts, and when to stop.
    var rollout = Rollout()
}
