/// A declarable with modifiers.
public struct Declared<Target: Platform>: Declarable {
    private let declare: @Sendable (SourcePlace) -> Declaration

    fileprivate init(_ original: some Declarable, modify: @escaping @Sendable (inout Declaration, SourcePlace) -> Void)
    {
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

    fileprivate init(_ original: some Declarable, setsOff action: some Action) {
        self.init(original) { declaration, _ in declaration.actions.append(action) }
    }

    public func declaration(at place: SourcePlace) -> Declaration { declare(place) }
}

extension Declarable {
    /// The same under another name.
    public func named(_ name: String) -> Declared<Target> {
        Declared(self) { declaration, _ in declaration.name = name }
    }

    /// The same, but only after `requirements`, which are made to hold first; where one fails this is skipped.
    ///
    /// The requirements are for the system that this is for, or a family above it. For a narrower one see
    /// ``requires(_:)``.
    public func requires(
        @PropertyBuilder<Target> _ requirements: @escaping @Sendable () -> [Declaration]
    ) -> Declared<Target> {
        Declared(self) { declaration, _ in declaration.requirements += requirements() }
    }
}

// What is modified is for the narrower of two systems: its own, and that of the requirement or action. So a file of any
// Unix that restarts a systemd unit is for Linux. Of two systems neither of which belongs to the other there is none.
//
// One overload for each depth, as in `PropertyBuilder`, and one that says in words what is wrong.

extension Declarable {
    /// The same, but only after `requirement`, which is made to hold first; where that fails this is skipped.
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
    /// The same, with something to do after it has changed the machine.
    ///
    /// The action is done once a run, after all properties, however many asked for it. It is remembered on the target
    /// before the change is made and forgotten when it has succeeded, so neither a failure nor a cut loses it.
    public func onChange<Triggered: Action>(_ action: Triggered) -> Declared<Target>
    where Triggered.Target == Target { Declared(self, setsOff: action) }

    public func onChange<Triggered: Action>(_ action: Triggered) -> Declared<Target>
    where Triggered.Target == Target.Family { Declared(self, setsOff: action) }

    public func onChange<Triggered: Action>(_ action: Triggered) -> Declared<Target>
    where Triggered.Target == Target.Family.Family { Declared(self, setsOff: action) }

    public func onChange<Triggered: Action>(_ action: Triggered) -> Declared<Target>
    where Triggered.Target == Target.Family.Family.Family { Declared(self, setsOff: action) }

    public func onChange<Triggered: Action>(_ action: Triggered) -> Declared<Target>
    where Triggered.Target == Target.Family.Family.Family.Family { Declared(self, setsOff: action) }

    public func onChange<Triggered: Action>(_ action: Triggered) -> Declared<Triggered.Target>
    where Triggered.Target.Family == Target { Declared(self, setsOff: action) }

    public func onChange<Triggered: Action>(_ action: Triggered) -> Declared<Triggered.Target>
    where Triggered.Target.Family.Family == Target { Declared(self, setsOff: action) }

    public func onChange<Triggered: Action>(_ action: Triggered) -> Declared<Triggered.Target>
    where Triggered.Target.Family.Family.Family == Target { Declared(self, setsOff: action) }

    public func onChange<Triggered: Action>(_ action: Triggered) -> Declared<Triggered.Target>
    where Triggered.Target.Family.Family.Family.Family == Target { Declared(self, setsOff: action) }

    @available(*, unavailable, message: "this action is for another operating system than what sets it off")
    public func onChange<Triggered: Action>(_ action: Triggered) -> Declared<Target> { Declared(self, setsOff: action) }
}
