/// A part in the braces of a ``Container``: ``Publish``, ``Volume``, ``BindMount``, ``ConfigurationFile``,
/// ``Environment``, ``DependsOn``, ``JoinsNetwork``, ``HealthCheck``, ``ResourceLimits``, ``RestartPolicy``,
/// ``NginxSites``, and those that each give a key of the compose file, such as ``Labels`` and ``Container/Command``.
public protocol ContainerPart: Sendable {
    /// Adds this part to the container.
    func add(to container: inout Container)
}
