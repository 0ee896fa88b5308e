import Propel

/// Shows what happens, to a person or to a program.
protocol Reporter: Sendable {
    func report(_ progress: HostRun.Progress, of host: String)
    func finish(_ outcome: Outcome)
    func summarize(_ outcomes: [Outcome], mode: HostRun.Mode, seconds: Double)
    /// Makes room for a question, or takes the screen back.
    func pause(_ isPaused: Bool)
}
