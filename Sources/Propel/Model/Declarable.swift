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
    var name: String { get }
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

    public init(_ name: String, for target: Target.Type = Target.self, @PropertyBuilder<Target> _ members: () -> [Declaration]) {
        self.name = name
        self.members = members()
    }

    public func declaration(at place: SourcePlace) -> Declaration {
        Declaration(name: name, place: place, content: .group(members))
    }
}
