/// Collects the parts in the braces of a ``Stack``.
@resultBuilder
public enum StackBuilder {
    public static func buildExpression(_ part: some StackPart) -> [any StackPart] { [part] }
    /// An expectation that must hold when its containers are healthy.
    public static func buildExpression(_ expectation: Expect) -> [any StackPart] { [expectation] }
    /// Parts that were created elsewhere.
    public static func buildExpression(_ parts: [any StackPart]) -> [any StackPart] { parts }

    @available(*, unavailable, message: "this is a property of a host: declare it beside the Stack, not in its braces")
    public static func buildExpression(_ property: some Declarable) -> [any StackPart] { [] }

    @available(*, unavailable, message: "this is a part of a container: write it in the braces of a Container")
    public static func buildExpression(_ part: some ContainerPart) -> [any StackPart] { [] }

    public static func buildBlock(_ parts: [any StackPart]...) -> [any StackPart] { parts.flatMap(\.self) }
    public static func buildOptional(_ part: [any StackPart]?) -> [any StackPart] { part ?? [] }
    public static func buildEither(first part: [any StackPart]) -> [any StackPart] { part }
    public static func buildEither(second part: [any StackPart]) -> [any StackPart] { part }
    public static func buildArray(_ parts: [[any StackPart]]) -> [any StackPart] { parts.flatMap(\.self) }
}
