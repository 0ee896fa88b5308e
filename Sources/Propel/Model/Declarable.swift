/// Whatever may stand in the braces of a host, a role or a group: a ``Property``, a ``CompositeProperty``, a
/// ``PropertyGroup``, or one of these with modifiers.
public protocol Declarable<Target>: Sendable {
    /// The systems that it is for: `Debian`, `DebianLike`, `AnyLinux`, `UnixLike` …
    associatedtype Target: Platform

    /// What the engine sees of it, declared at `place`.
    func declaration(at place: SourcePlace) -> Declaration
}

/// A property that consists of others.
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
    /// What reports show its parts under.
    var name: String { get }
    /// What it consists of, in the order in which it is applied.
    @PropertyBuilder<Target> var body: [Declaration] { get }
}

extension CompositeProperty {
    public func declaration(at place: SourcePlace) -> Declaration {
        Declaration(name: name, place: place, content: .group(body))
    }
}

/// Properties under one name, so that others can require all of them, and reports show them together.
public struct PropertyGroup<Target: Platform>: Declarable {
    public var name: String
    private let members: [Declaration]

    /// - Parameter target: the system that it is for; that of the host or group around it by default.
    public init(
        _ name: String, for target: Target.Type = Target.self, @PropertyBuilder<Target> _ members: () -> [Declaration]
    ) {
        self.name = name
        self.members = members()
    }

    public func declaration(at place: SourcePlace) -> Declaration {
        Declaration(name: name, place: place, content: .group(members))
    }
}
