/// Properties for the machines that run one system, among others that do not: elsewhere they are skipped.
///
///     WhenOS(Debian.self, release: 13) { Apt.Installed("docker-cli") }
public struct WhenOS: Declarable {
    public typealias Target = UnixLike

    private let condition: Condition
    private let members: [Declaration]

    /// - Parameter release: the major release that it must be, such as 12 for bookworm; any by default.
    public init<System: Platform>(
        _ system: System.Type, release: Int? = nil, @PropertyBuilder<System> _ members: () -> [Declaration]
    ) {
        condition = Condition(name: release.map { "\(System.name) \($0)" } ?? System.name) { machine in
            System.includes(machine) && (release == nil || machine.release == release)
        }
        self.members = members()
    }

    public func declaration(at place: SourcePlace) -> Declaration {
        var declaration = Declaration(name: "on \(condition.name)", place: place, content: .group(members))
        declaration.condition = condition
        return declaration
    }
}

/// Which machines something is for.
public struct Condition: Sendable {
    /// The machines that it holds for: "Debian 13".
    public var name: String
    var holds: @Sendable (OperatingSystem) -> Bool
}
