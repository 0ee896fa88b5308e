/// A variable of a container's environment.
///
///     Environment("LOG_LEVEL", "info")
///     Environment("DATABASE_URL", "postgres://shop:\(Secret("db-password"))@db/shop")
///
/// One with secrets is not in the compose file, but in one beside it that root alone can read. Who may ask docker about the container
/// sees it all the same (docker-inspect(1)): a secret is better off in a ``ConfigurationFile`` where the program can read one.
public struct Environment: ContainerPart, Hashable {
    public let name: String
    public let value: Content

    /// - Parameter value: text, and secrets among it.
    public init(_ name: String, _ value: Content) {
        self.name = name
        self.value = value
    }

    /// A variable with a text that is no literal.
    ///
    /// It has a label, since a literal with a secret in it would be a `String` now and then, and have no secret.
    public init(_ name: String, text: String) { self.init(name, Content(text)) }

    public func add(to container: inout Container) { container.environment.append(self) }
}
