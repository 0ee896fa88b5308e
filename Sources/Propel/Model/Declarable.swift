/// An element of the braces of a host, a role or a group: a ``Property``, a ``CompositeProperty``, a ``PropertyGroup``,
/// or one of these with modifiers.
public protocol Declarable<Target>: Sendable {
    /// The platform that it is for: `Debian`, `DebianLike`, `AnyLinux`, `UnixLike` …
    associatedtype Target: Platform

    /// The declaration that the engine sees.
    func declaration(at place: SourcePlace) -> Declaration
}

/// A property that consists of other properties.
///
///     struct WebServer: CompositeProperty {
///         typealias Target = DebianLike
///         var name: String { "web server" }
///         var body: [Declaration] {
///             Apt.Installed("nginx")
///             Service("nginx")
///         }
///     }
public protocol CompositeProperty<Target>: Declarable {
    /// The name under which reports show the parts.
    var name: String { get }
    /// The parts, in the order in which they are applied.
    @PropertyBuilder<Target> var body: [Declaration] { get }
}

extension CompositeProperty {
    public func declaration(at place: SourcePlace) -> Declaration {
        Declaration(name: name, place: place, content: .group(body))
    }
}

/// Properties under one name: another property can require all of them, and reports show them together.
public struct PropertyGroup<Target: Platform>: Declarable {
    public var name: String
    private let members: [Declaration]

    /// - Parameters:
    ///   - name: its name in reports and for `--only`.
    ///   - target: the platform; by default that of the host or group around it.
    ///   - members: the properties, in the order in which they are applied.
    public init(
        _ name: String, for target: Target.Type = Target.self,
        @PropertyBuilder<Target> _ members: () throws -> [Declaration]
    ) rethrows {
        self.name = name
        self.members = try members()
    }

    public func declaration(at place: SourcePlace) -> Declaration {
        Declaration(name: name, place: place, content: .group(members))
    }
}
