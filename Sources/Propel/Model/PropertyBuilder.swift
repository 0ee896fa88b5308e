/// Collects the properties in the braces of a host that runs `System`.
///
/// There is one overload for each depth of the families above a system. If none matches, the unavailable one gives the
/// error message, on the line of the property. Overloads for each system would give wrong messages for generic
/// properties. An element that leaves its platform open, as a `PropertyGroup` may, gets that of the host: the other
/// overloads are disfavoured.
@resultBuilder
public struct PropertyBuilder<System: Platform> {
    public static func buildExpression<P: Declarable>(
        _ property: P, fileID: StaticString = #fileID, line: UInt = #line
    ) -> [Declaration] where P.Target == System {
        [property.declaration(at: SourcePlace(fileID: fileID, line: line))]
    }

    @_disfavoredOverload
    public static func buildExpression<P: Declarable>(
        _ property: P, fileID: StaticString = #fileID, line: UInt = #line
    ) -> [Declaration] where P.Target == System.Family {
        [property.declaration(at: SourcePlace(fileID: fileID, line: line))]
    }

    @_disfavoredOverload
    public static func buildExpression<P: Declarable>(
        _ property: P, fileID: StaticString = #fileID, line: UInt = #line
    ) -> [Declaration] where P.Target == System.Family.Family {
        [property.declaration(at: SourcePlace(fileID: fileID, line: line))]
    }

    @_disfavoredOverload
    public static func buildExpression<P: Declarable>(
        _ property: P, fileID: StaticString = #fileID, line: UInt = #line
    ) -> [Declaration] where P.Target == System.Family.Family.Family {
        [property.declaration(at: SourcePlace(fileID: fileID, line: line))]
    }

    @_disfavoredOverload
    public static func buildExpression<P: Declarable>(
        _ property: P, fileID: StaticString = #fileID, line: UInt = #line
    ) -> [Declaration] where P.Target == System.Family.Family.Family.Family {
        [property.declaration(at: SourcePlace(fileID: fileID, line: line))]
    }

    @available(*, unavailable, message: "this property is for another operating system than the one that the host runs")
    public static func buildExpression<P: Declarable>(_ property: P) -> [Declaration] { [] }

    /// Accepts properties that were declared elsewhere and that several roles share.
    public static func buildExpression(_ declarations: [Declaration]) -> [Declaration] { declarations }

    public static func buildBlock(_ parts: [Declaration]...) -> [Declaration] { parts.flatMap(\.self) }
    public static func buildOptional(_ part: [Declaration]?) -> [Declaration] { part ?? [] }
    public static func buildEither(first part: [Declaration]) -> [Declaration] { part }
    public static func buildEither(second part: [Declaration]) -> [Declaration] { part }
    public static func buildArray(_ parts: [[Declaration]]) -> [Declaration] { parts.flatMap(\.self) }
    public static func buildLimitedAvailability(_ part: [Declaration]) -> [Declaration] { part }
}
