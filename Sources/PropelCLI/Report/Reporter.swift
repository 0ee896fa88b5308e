import Propel

/// Shows runs while they go on, to a person or to a program.
protocol Reporter: Sendable {
    func report(_ progress: HostRun.Progress, of host: String)
    func finish(_ outcome: Outcome)
    func summarize(_ summary: RunReport)
    /// Clears the live lines for a question, or draws them again.
    func pause(_ isPaused: Bool)
}
