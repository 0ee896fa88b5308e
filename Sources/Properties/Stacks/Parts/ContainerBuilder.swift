/// Collects the parts in the braces of a ``Container``.
@resultBuilder
public enum ContainerBuilder {
    public static func buildExpression(_ part: some ContainerPart) -> [any ContainerPart] { [part] }
    /// Parts that were created elsewhere, such as those that several containers share.
    public static func buildExpression(_ parts: [any ContainerPart]) -> [any ContainerPart] { parts }

    @available(
        *, unavailable, message: "this is a property of a host: declare it beside the Stack, not within a Container"
    )
    public static func buildExpression(_ property: some Declarable) -> [any ContainerPart] { [] }

    @available(
        *, unavailable, message: "this is an account of a host: for the user of a container write Container.User"
    )
    public static func buildExpression(_ user: User) -> [any ContainerPart] { [] }

    @available(*, unavailable, message: "this is the name of a host: for that of a container write Container.Hostname")
    public static func buildExpression(_ name: Hostname) -> [any ContainerPart] { [] }

    @available(
        *, unavailable, message: "this is a command of a host: for that of a container write Container.Command"
    )
    public static func buildExpression(_ command: Command) -> [any ContainerPart] { [] }

    public static func buildBlock(_ parts: [any ContainerPart]...) -> [any ContainerPart] { parts.flatMap(\.self) }
    public static func buildOptional(_ part: [any ContainerPart]?) -> [any ContainerPart] { part ?? [] }
    public static func buildEither(first part: [any ContainerPart]) -> [any ContainerPart] { part }
    public static func buildEither(second part: [any ContainerPart]) -> [any ContainerPart] { part }
    public static func buildArray(_ parts: [[any ContainerPart]]) -> [any ContainerPart] { parts.flatMap(\.self) }
}
