import PlainText

/// How to run a git that talks to another computer.
///
/// It has a session without a terminal, so that neither ssh nor gpg finds one to ask at.
struct RemoteAccess: Sendable {
    /// The time after which git is ended with all its children; nil for no limit. A hook may run for as long as it
    /// wants.
    var timeout: Duration?
    /// The time between two reports of progress.
    var progressInterval: Duration = .seconds(10)
    /// Called with the time since the start and the last line that git or a hook printed on standard error.
    var progress: @Sendable (_ elapsed: Duration, _ lastLine: String) -> Void = { _, _ in }

    /// Reports progress until the timeout, or until the task is cancelled.
    func watch(_ output: UnnamedFile) async throws {
        let clock = ContinuousClock()
        let start = clock.now
        while true {
            let elapsed = clock.now - start
            if let timeout, elapsed >= timeout { return }
            try await Task.sleep(for: timeout.map { min($0 - elapsed, progressInterval) } ?? progressInterval)
            if let timeout, clock.now - start >= timeout { return }
            let text = String(decoding: try output.contents(), as: UTF8.self)
            progress(clock.now - start, text.nonEmptyLines.last.map { String($0).trimmed } ?? "")
        }
    }

    /// Reports progress as a sentence: `still pushing to origin (20 s): remote: running the tests`.
    static func reporting(
        _ action: String, timeout: Duration?, every interval: Duration,
        to progress: @escaping @Sendable (String) -> Void
    ) -> RemoteAccess {
        RemoteAccess(timeout: timeout, progressInterval: interval) { elapsed, line in
            progress("still \(action) (\(elapsed.components.seconds) s)" + (line.isEmpty ? "" : ": \(line)"))
        }
    }
}
