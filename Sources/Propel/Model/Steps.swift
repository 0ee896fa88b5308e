/// One property of a host, in the order in which they are applied.
public struct Step: Sendable {
    /// The names of the groups around it, and its own.
    public var names: [String]
    /// What is checked and applied.
    public var property: any Property
    /// Where it is declared, from the outermost group to the property itself.
    public var places: [SourcePlace]
    /// The steps that must hold before this one.
    public var requirements: Set<Int>
    /// What is done, once a run, after it has changed.
    public var actions: [any Action]
    /// The machines that it is for: those for which all of these hold.
    public var conditions: [Condition]
    /// What it is called where it is declared once more: the paths and the names of the groups there.
    var otherNames: Set<String> = []

    /// Its names as one: `docker/daemon.json`.
    public var path: String { names.joined(separator: "/") }

    /// The place that somebody would go to and edit: the innermost one that is not in the catalogue.
    public var place: SourcePlace { places.last { !$0.isInCatalogue } ?? places[0] }
}

extension Host {
    /// The properties in the order in which they are applied. One that is declared twice is there once.
    public var steps: [Step] {
        var flattening = Flattening()
        for declaration in declarations { flattening.add(declaration, within: .init()) }
        return flattening.steps
    }
}

private struct Flattening {
    struct Surroundings {
        var names: [String] = []
        var places: [SourcePlace] = []
        var requirements: Set<Int> = []
        var actions: [any Action] = []
        var conditions: [Condition] = []
    }

    struct Identity: Hashable {
        var type: ObjectIdentifier
        var name: String
        var claims: [Claim]
        // What is wanted on one system only, and what it requires there, says nothing of another.
        var conditions: [String]
    }

    var steps: [Step] = []
    private var known: [Identity: Int] = [:]

    /// Adds what is declared, and answers the steps that it consists of.
    @discardableResult
    mutating func add(_ declaration: Declaration, within outer: Surroundings) -> Set<Int> {
        var surroundings = outer
        surroundings.places.append(declaration.place)
        if let condition = declaration.condition { surroundings.conditions.append(condition) }
        for requirement in declaration.requirements {
            // Its own actions only: a requirement that changes is no change of what requires it. And the requirements of what
            // is around it only: of two requirements one may fail without the other.
            var apart = surroundings
            apart.actions = []
            apart.requirements = outer.requirements
            surroundings.requirements.formUnion(add(requirement, within: apart))
        }
        surroundings.actions += declaration.actions
        surroundings.names.append(declaration.name)
        switch declaration.content {
        case .group(let members):
            return members.reduce(into: []) { $0.formUnion(add($1, within: surroundings)) }
        case .property(let property):
            return [add(property, within: surroundings)]
        }
    }

    private mutating func add(_ property: any Property, within surroundings: Surroundings) -> Int {
        let identity = Identity(
            type: ObjectIdentifier(type(of: property)), name: property.name, claims: property.claims,
            conditions: surroundings.conditions.map(\.name))
        // One that now requires what comes after it is a step of its own: to merge them would forget the requirement.
        if let index = known[identity], surroundings.requirements.allSatisfy({ $0 < index }) {
            steps[index].requirements.formUnion(surroundings.requirements)
            steps[index].actions += surroundings.actions
            steps[index].otherNames.formUnion(surroundings.names + [surroundings.names.joined(separator: "/")])
            return index
        }
        steps.append(
            Step(
                names: surroundings.names, property: property, places: surroundings.places,
                requirements: surroundings.requirements, actions: surroundings.actions,
                conditions: surroundings.conditions))
        known[identity] = steps.count - 1
        return steps.count - 1
    }
}
