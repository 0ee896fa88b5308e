/// A node of a host's tree of properties, its platform checked and forgotten.
public struct Declaration: Sendable {
    public enum Content: Sendable {
        case property(any Property)
        case group([Declaration])
    }

    public var name: String
    public var place: SourcePlace
    public var content: Content
    /// What has to hold before this is applied.
    public var requirements: [Declaration] = []
    /// What is done, once a run, after something in here has changed.
    public var actions: [any Action] = []
    /// Which machines it is for, beyond what the type says.
    public var condition: Condition?

    public init(name: String, place: SourcePlace, content: Content) {
        self.name = name
        self.place = place
        self.content = content
    }
}

/// A declarable with modifiers.
public struct Declared<Target: Platform>: Declarable {
    private let declare: @Sendable (SourcePlace) -> Declaration

    init(_ original: some Declarable<Target>, modify: @escaping @Sendable (inout Declaration, SourcePlace) -> Void) {
        declare = { place in
            var declaration = original.declaration(at: place)
            modify(&declaration, place)
            return declaration
        }
    }

    public func declaration(at place: SourcePlace) -> Declaration { declare(place) }
}

extension Declarable {
    /// The same under another name.
    public func named(_ name: String) -> Declared<Target> {
        Declared(self) { declaration, _ in declaration.name = name }
    }

    /// The same, but only after `requirement`, which is made to hold first; where that fails this is skipped.
    ///
    /// The requirement must be for the same system, as everything that is declared here.
    public func requires(@PropertyBuilder<Target> _ requirements: @escaping @Sendable () -> [Declaration]) -> Declared<Target> {
        Declared(self) { declaration, _ in declaration.requirements += requirements() }
    }

    /// The same, but only after `requirement`, which is made to hold first; where that fails this is skipped.
    public func requires<Requirement: Declarable>(_ requirement: Requirement) -> Declared<Target> {
        Declared(self) { declaration, place in declaration.requirements.append(requirement.declaration(at: place)) }
    }

    /// The same, with something to do after it has changed the machine.
    ///
    /// The action is done once a run, after all properties, however many asked for it. It is remembered on the target
    /// before the change is made and forgotten when it has succeeded, so neither a failure nor a cut loses it.
    public func onChange<Triggered: Action>(_ action: Triggered) -> Declared<Target> {
        Declared(self) { declaration, _ in declaration.actions.append(action) }
    }
}
