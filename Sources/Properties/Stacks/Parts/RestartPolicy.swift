/// When docker starts a container again that has ended. Where none is given, ``Condition/unlessStopped``.
public struct RestartPolicy: ContainerPart, Hashable {
    /// As docker-run(1) describes them under `--restart`.
    public enum Condition: Sendable, Hashable {
        /// With no ``HealthCheck`` it is for something that is done once, such as a migration: a deployment waits until it has exited
        /// with 0, and fails where it exits with anything else. It is done again when the container is made anew, and not at boot. Where
        /// a version is put back it need not succeed again: what a newer one has done to the data meanwhile it may not know.
        case never
        case onFailure
        /// The same as ``unlessStopped``. What Docker calls so it starts with the machine although it was stopped, and with it the version
        /// before beside data that were restored for another one; at boot the stack's own unit starts what is to run.
        case always
        /// Always, but not where somebody has stopped it.
        case unlessStopped
    }

    public let condition: Condition

    public init(_ condition: Condition) { self.condition = condition }

    public func add(to container: inout Container) { container.restartPolicy = self }

    /// As compose writes it.
    var text: String {
        switch condition {
        case .never: "no"
        case .onFailure: "on-failure"
        case .always, .unlessStopped: "unless-stopped"
        }
    }
}
