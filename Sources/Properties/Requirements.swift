extension Property {
    /// The declaration of the property with the requirements that it always has, so that declaring the property is
    /// enough.
    public func declaration(at place: SourcePlace, requiring requirements: [any Declarable]) -> Declaration {
        var declaration = Declaration(name: name, place: place, content: .property(self))
        declaration.requirements = requirements.map { $0.declaration(at: place) }
        return declaration
    }
}
