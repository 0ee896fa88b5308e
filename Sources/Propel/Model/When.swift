/// Properties for machines that meet a condition; on other machines they are skipped.
///
///     When(.architecture("aarch64")) { Apt.Installed("raspi-firmware") }
///     When(.memory(atLeast: 4 << 30) && !.isVirtual) { Swappiness(1) }
///
/// The condition is looked at when the properties are checked. For the operating system there is ``WhenOS``, which also
/// allows properties of that system.
public struct When<Target: Platform>: Declarable {
    private let condition: Condition
    private let members: [Declaration]

    /// - Parameters:
    ///   - condition: the condition.
    ///   - target: the platform; by default that of the host or group around it.
    ///   - members: the properties for such a machine.
    public init(
        _ condition: Condition, for target: Target.Type = Target.self,
        @PropertyBuilder<Target> _ members: () throws -> [Declaration]
    ) rethrows {
        self.condition = condition
        self.members = try members()
    }

    public func declaration(at place: SourcePlace) -> Declaration {
        Declaration(on: condition, members, at: place)
    }
}
