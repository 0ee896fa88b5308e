/// A declarable with modifiers: requirements, actions, another name.
public struct Declared<Target: Platform>: Declarable {
    private let declare: @Sendable (SourcePlace) -> Declaration

    init(_ original: some Declarable, modify: @escaping @Sendable (inout Declaration, SourcePlace) -> Void) {
        declare = { place in
            var declaration = original.declaration(at: place)
            modify(&declaration, place)
            return declaration
        }
    }

    fileprivate init(_ original: some Declarable, requiring requirement: some Declarable) {
        self.init(original) { declaration, place in declaration.requirements.append(requirement.declaration(at: place))
        }
    }

    fileprivate init(_ original: some Declarable, triggering action: some Action) {
        self.init(original) { declaration, _ in declaration.actions.append(action) }
    }

    public func declaration(at place: SourcePlace) -> Declaration { declare(place) }
}

extension Declarable {
    /// Returns the same under another name.
    public func named(_ name: String) -> Declared<Target> {
        Declared(self) { declaration, _ in declaration.name = name }
    }

    /// Returns the same, applied after `requirements`; if one of them fails this is skipped.
    ///
    /// The requirements are for the platform of this or a family above it. For a narrower one see ``requires(_:)``.
    public func requires(
        @PropertyBuilder<Target> _ requirements: @escaping @Sendable () -> [Declaration]
    ) -> Declared<Target> {
        Declared(self) { declaration, _ in declaration.requirements += requirements() }
    }
}

// The result is for the narrower of two platforms: that of the declarable, and that of the requirement or action. So a
// file for any Unix that restarts a systemd unit is for Linux. If neither platform contains the other, it does not
// compile.
//
// There is one overload for each depth, as in `PropertyBuilder`, and an unavailable one with an error message.

extension Declarable {
    /// Returns the same, applied after `requirement`; if that fails this is skipped.
    public func requires<Requirement: Declarable>(_ requirement: Requirement) -> Declared<Target>
    where Requirement.Target == Target { Declared(self, requiring: requirement) }

    public func requires<Requirement: Declarable>(_ requirement: Requirement) -> Declared<Target>
    where Requirement.Target == Target.Family { Declared(self, requiring: requirement) }

    public func requires<Requirement: Declarable>(_ requirement: Requirement) -> Declared<Target>
    where Requirement.Target == Target.Family.Family { Declared(self, requiring: requirement) }

    public func requires<Requirement: Declarable>(_ requirement: Requirement) -> Declared<Target>
    where Requirement.Target == Target.Family.Family.Family { Declared(self, requiring: requirement) }

    public func requires<Requirement: Declarable>(_ requirement: Requirement) -> Declared<Target>
    where Requirement.Target == Target.Family.Family.Family.Family { Declared(self, requiring: requirement) }

    public func requires<Requirement: Declarable>(_ requirement: Requirement) -> Declared<Requirement.Target>
    where Requirement.Target.Family == Target { Declared(self, requiring: requirement) }

    public func requires<Requirement: Declarable>(_ requirement: Requirement) -> Declared<Requirement.Target>
    where Requirement.Target.Family.Family == Target { Declared(self, requiring: requirement) }

    public func requires<Requirement: Declarable>(_ requirement: Requirement) -> Declared<Requirement.Target>
    where Requirement.Target.Family.Family.Family == Target { Declared(self, requiring: requirement) }

    public func requires<Requirement: Declarable>(_ requirement: Requirement) -> Declared<Requirement.Target>
    where Requirement.Target.Family.Family.Family.Family == Target { Declared(self, requiring: requirement) }

    @available(*, unavailable, message: "this requirement is for another operating system than what requires it")
    public func requires<Requirement: Declarable>(_ requirement: Requirement) -> Declared<Target> {
        Declared(self, requiring: requirement)
    }
}

extension Declarable {
    /// Returns the same, with an action to perform after it has changed the machine.
    ///
    /// The action is performed once per run, after all properties, however many trigger it. It is recorded on the
    /// machine before the change and removed when it has succeeded, so neither a failure nor a power cut loses it.
    public func onChange<Triggered: Action>(_ action: Triggered) -> Declared<Target>
    where Triggered.Target == Target { Declared(self, triggering: action) }

    public func onChange<Triggered: Action>(_ action: Triggered) -> Declared<Target>
    where Triggered.Target == Target.Family { Declared(self, triggering: action) }

    public func onChange<Triggered: Action>(_ action: Triggered) -> Declared<Target>
    where Triggered.Target == Target.Family.Family { Declared(self, triggering: action) }

    public func onChange<Triggered: Action>(_ action: Triggered) -> Declared<Target>
    where Triggered.Target == Target.Family.Family.Family { Declared(self, triggering: action) }

    public func onChange<Triggered: Action>(_ action: Triggered) -> Declared<Target>
    where Triggered.Target == Target.Family.Family.Family.Family { Declared(self, triggering: action) }

    public func onChange<Triggered: Action>(_ action: Triggered) -> Declared<Triggered.Target>
    where Triggered.Target.Family == Target { Declared(self, triggering: action) }

    public func onChange<Triggered: Action>(_ action: Triggered) -> Declared<Triggered.Target>
    where Triggered.Target.Family.Family == Target { Declared(self, triggering: action) }

    public func onChange<Triggered: Action>(_ action: Triggered) -> Declared<Triggered.Target>
    where Triggered.Target.Family.Family.Family == Target { Declared(self, triggering: action) }

    public func onChange<Triggered: Action>(_ action: Triggered) -> Declared<Triggered.Target>
    where Triggered.Target.Family.Family.Family.Family == Target { Declared(self, triggering: action) }

    @available(*, unavailable, message: "this action is for another operating system than what sets it off")
    public func onChange<Triggered: Action>(_ action: Triggered) -> Declared<Target> {
        Declared(self, triggering: action)
    }

    @available(*, unavailable, message: "give an action, such as Service.Restart(…), and not a property")
    public func onChange(_ property: some Declarable) -> Declared<Target> { Declared(self, requiring: property) }
}
