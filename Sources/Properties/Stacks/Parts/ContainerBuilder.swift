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

    public static func buildBlock(_ parts: [any ContainerPart]...) -> [any ContainerPart] { parts.flatMap(\.self) }
    public static func buildOptional(_ part: [any ContainerPart]?) -> [any ContainerPart] { part ?? [] }
    public static func buildEither(first part: [any ContainerPart]) -> [any ContainerPart] { part }
    public static func buildEither(second part: [any ContainerPart]) -> [any ContainerPart] { part }
    public static func buildArray(_ parts: [[any ContainerPart]]) -> [any ContainerPart] { parts.flatMap(\.self) }
}
