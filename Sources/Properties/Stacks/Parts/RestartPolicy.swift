/// When docker restarts a container that has exited; ``RestartPolicy/Condition/unlessStopped`` by default.
public struct RestartPolicy: ContainerPart, Hashable {
    /// The conditions of `--restart` in docker-run(1).
    public enum Condition: Sendable, Hashable {
        /// Never. Without a ``HealthCheck`` the container is one-shot, such as a migration: a deployment waits until
        /// it exits with 0, and fails if it exits with anything else. It runs again when it is recreated, and not at
        /// boot. After a rollback it need not succeed again: it may not cope with what a newer version did to the
        /// data.
        case never
        /// Until it exits with 0: one-shot like ``never``, but tried again. A deployment waits until it has succeeded,
        /// or docker has given up.
        case untilSuccess
        case onFailure
        /// The same as ``unlessStopped``. The condition of this name in docker starts a stopped container at boot,
        /// and with it the previous version beside data that was restored for another one; at boot the unit of the
        /// stack starts what is to run.
        case always
        /// Always, unless somebody stopped it.
        case unlessStopped

        /// Whether a container without a health check does one job.
        var isOneShot: Bool { self == .never || self == .untilSuccess }
    }

    /// When docker restarts the container.
    public let condition: Condition
    /// After how many restarts in a row docker gives up; nil for never.
    public let attempts: Int?

    /// - Parameters:
    ///   - condition: when docker restarts it.
    ///   - attempts: after how many restarts in a row docker gives up, of `.onFailure` and `.untilSuccess`; by default
    ///     it never does.
    public init(_ condition: Condition, attempts: Int? = nil) {
        self.condition = condition
        self.attempts = attempts
    }

    public func add(to container: inout Container) {
        container.restartPolicy = self
        guard let attempts else { return }
        if condition != .onFailure, condition != .untilSuccess {
            container.addProblem("“attempts” is for .onFailure and .untilSuccess: leave it out", of: "RestartPolicy")
        } else if attempts < 1 {
            container.addProblem("\(attempts) attempts: use 1 at least, or .never", of: "RestartPolicy")
        }
    }

    /// The value in the compose file.
    var text: String {
        switch condition {
        case .never: "no"
        case .onFailure, .untilSuccess: "on-failure" + (attempts.map { ":\($0)" } ?? "")
        case .always, .unlessStopped: "unless-stopped"
        }
    }
}
