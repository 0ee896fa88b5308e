/// A node of the tree of properties of a host. Its platform has been checked by the compiler.
public struct Declaration: Sendable {
    /// A property, or several under a name.
    public enum Content: Sendable {
        case property(any Property)
        case group([Declaration])
    }

    /// The name that reports show.
    public var name: String
    /// The place in the source.
    public var place: SourcePlace
    public var content: Content
    /// The declarations that must be satisfied before this one is applied.
    public var requirements: [Declaration] = []
    /// The actions to perform, once per run, after something in this declaration has changed.
    public var actions: [any Action] = []
    /// The actions to perform after something in this declaration has changed, before what is declared next.
    public var immediateActions: [any Action] = []
    /// The actions to perform before what is declared next if something declared before has requested them.
    package var settledActions: [any Action] = []
    /// Whether every change of it must be confirmed by a new connection; see ``Guarded``.
    package var isGuarded = false
    /// The machines that it is for, if that is narrower than the platform.
    public var condition: Condition?

    public init(name: String, place: SourcePlace, content: Content) {
        self.name = name
        self.place = place
        self.content = content
    }

    /// The members for the machines that meet a condition.
    init(on condition: Condition, _ members: [Declaration], at place: SourcePlace) {
        self.init(name: "on \(condition.name)", place: place, content: .group(members))
        self.condition = condition
    }
}
