/// A node of a host's tree of properties, its platform checked and forgotten.
public struct Declaration: Sendable {
    /// One property, or several under a name.
    public enum Content: Sendable {
        case property(any Property)
        case group([Declaration])
    }

    /// What reports show it under.
    public var name: String
    /// Where it is declared.
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
