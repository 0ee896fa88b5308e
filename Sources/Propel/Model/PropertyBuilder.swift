/// Collects the properties in the braces of a host that runs `System`.
///
/// One overload for each depth of the families above a system. Where none fits, the last one says so in words, on the
/// line of the property. One for each system would misreport generic properties. What leaves its system open, as a
/// `PropertyGroup` may, is for the host's own: the others are disfavoured.
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

    /// What was declared elsewhere: the properties that several roles share.
    public static func buildExpression(_ declarations: [Declaration]) -> [Declaration] { declarations }

    public static func buildBlock(_ parts: [Declaration]...) -> [Declaration] { parts.flatMap(\.self) }
    public static func buildOptional(_ part: [Declaration]?) -> [Declaration] { part ?? [] }
    public static func buildEither(first part: [Declaration]) -> [Declaration] { part }
    public static func buildEither(second part: [Declaration]) -> [Declaration] { part }
    public static func buildArray(_ parts: [[Declaration]]) -> [Declaration] { parts.flatMap(\.self) }
    public static func buildLimitedAvailability(_ part: [Declaration]) -> [Declaration] { part }
}
