/// What may stand in the braces of a ``Container``: ``Publish``, ``Volume``, ``BindMount``, ``ConfigurationFile``, ``Environment``,
/// ``DependsOn``, ``JoinsNetwork``, ``HealthCheck``, ``ResourceLimits``, ``RestartPolicy``, ``Container/Command``, ``NginxSites``.
public protocol ContainerPart: Sendable {
    /// Gives the container what this part says.
    func add(to container: inout Container)
}
