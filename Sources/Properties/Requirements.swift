extension Property {
    /// The declaration of a property together with what it needs on its own account, so that declaring it is enough.
    func declaration(at place: SourcePlace, requiring requirements: [any Declarable]) -> Declaration {
        var declaration = Declaration(name: name, place: place, content: .property(self))
        declaration.requirements = requirements.map { $0.declaration(at: place) }
        return declaration
    }
}
