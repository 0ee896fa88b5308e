/// Properties for machines that run one system; on other machines they are skipped.
///
///     WhenOS(Debian.self, release: 13) { Apt.Installed("docker-cli") }
public struct WhenOS: Declarable {
    public typealias Target = UnixLike

    private let condition: Condition
    private let members: [Declaration]

    /// - Parameters:
    ///   - system: the platform.
    ///   - release: the major release, such as 12 for bookworm; any by default.
    ///   - members: the properties for such a machine.
    public init<System: Platform>(
        _ system: System.Type, release: Int? = nil, @PropertyBuilder<System> _ members: () throws -> [Declaration]
    ) rethrows {
        condition = Condition(release.map { "\(System.name) \($0)" } ?? System.name) { machine in
            let found = try await machine.fact(OperatingSystem.self)
            return System.includes(found) && (release == nil || found.release == release)
        }
        self.members = try members()
    }

    public func declaration(at place: SourcePlace) -> Declaration {
        Declaration(on: condition, members, at: place)
    }
}
