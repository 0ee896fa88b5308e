/// A part in the braces of a ``Container``: ``Publish``, ``Volume``, ``BindMount``, ``ConfigurationFile``,
/// ``Environment``, ``DependsOn``, ``JoinsNetwork``, ``HealthCheck``, ``ResourceLimits``, ``RestartPolicy``,
/// ``Container/Command``, ``NginxSites``.
public protocol ContainerPart: Sendable {
    /// Adds this part to the container.
    func add(to container: inout Container)
}
