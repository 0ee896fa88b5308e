/// A property of a host in the order of application.
public struct Step: Sendable {
    /// The names of the groups around it, and its own.
    public var names: [String]
    /// The property.
    public var property: any Property
    /// The claims of the property. Computed once: a stack renders its compose file for them.
    public private(set) var claims: [Claim]
    /// The files of the repository that the property uses. Computed once: all arguments are looked at.
    private(set) var propertySources: [RepositorySource]
    /// The type of the property and its arguments, to be compared. Computed once, for the same reason.
    private(set) var arguments: [StepOutline.Part]
    /// The places of the declarations, from the outermost group to the property itself.
    public var places: [SourcePlace]
    /// The indices of the steps that must be satisfied before this one.
    public var requirements: Set<Int>
    /// The actions to perform, once per run, after it has changed.
    public var actions: [any Action]
    /// The actions to perform after it has changed, before the steps that are declared next.
    package var immediateActions: [ImmediateAction] = []
    /// The conditions that a machine must meet.
    public var conditions: [Condition]
    /// Whether the declaration says that every change of it must be confirmed.
    package var isDeclaredGuarded = false
    /// The paths and group names of its other declarations.
    var otherNames: Set<String> = []

    /// Its names joined with slashes: `docker/daemon.json`.
    public var path: String { names.joined(separator: "/") }

    /// The secrets that its actions may need.
    var actionSecrets: [Secret] { allActions.flatMap(\.secrets) }

    /// The files of the repository that the property and its actions use.
    public var sources: [RepositorySource] {
        propertySources + allActions.flatMap { ValueOutline(describing: $0).sources(with: []) }
    }

    private var allActions: [any Action] { actions + immediateActions.map(\.action) }

    /// Its claims, with those on files of the repository.
    func claims(in repository: RepositoryManifest) -> [Claim] { claims + property.claims(in: repository) }

    /// The place to edit: the innermost one that is not in the catalogue.
    public var place: SourcePlace { places.last { !$0.isInCatalogue } ?? places[0] }
}

extension Step {
    /// The steps that a host's declarations consist of, in the order in which they are applied.
    static func flattening(_ declarations: [Declaration]) -> [Step] {
        var flattening = Flattening()
        for declaration in declarations { flattening.add(declaration, within: .init()) }
        return flattening.steps.map { $0.adapted(to: flattening.steps) }
    }

    private func adapted(to steps: [Step]) -> Step {
        guard let property = property as? any HostDependent else { return self }
        let adapted = property.adapted(to: steps)
        var step = self
        step.property = adapted
        step.claims = adapted.claims
        let outline = ValueOutline(describing: adapted)
        step.propertySources = outline.sources(with: adapted.furtherSources)
        step.arguments = outline.parts
        return step
    }
}

private struct Flattening {
    struct Surroundings {
        var names: [String] = []
        var places: [SourcePlace] = []
        var requirements: Set<Int> = []
        var actions: [any Action] = []
        var immediateActions: [ImmediateAction] = []
        var conditions: [Condition] = []
        var isGuarded = false
    }

    struct Identity: Hashable {
        var type: ObjectIdentifier
        var name: String
        var claims: [Claim]
        // A declaration for one system only, with its requirements, is not the same as one for all.
        var conditions: [String]
    }

    var steps: [Step] = []
    private var known: [Identity: Int] = [:]
    private var declarations = 0

    /// Adds a declaration.
    /// - Returns: the indices of the steps that it consists of.
    @discardableResult
    mutating func add(_ declaration: Declaration, within outer: Surroundings) -> Set<Int> {
        var surroundings = outer
        surroundings.places.append(declaration.place)
        if let condition = declaration.condition { surroundings.conditions.append(condition) }
        for requirement in declaration.requirements {
            // A change of a requirement does not trigger the actions of what requires it, and requirements are
            // independent of each other.
            var separate = surroundings
            separate.actions = []
            separate.immediateActions = []
            separate.requirements = outer.requirements
            surroundings.requirements.formUnion(add(requirement, within: separate))
        }
        if declaration.isGuarded { surroundings.isGuarded = true }
        surroundings.actions += declaration.actions
        declarations += 1
        for (actions, isRequested) in [(declaration.immediateActions, true), (declaration.settledActions, false)] {
            surroundings.immediateActions += actions.map {
                ImmediateAction(action: $0, isRequested: isRequested, declaration: declarations)
            }
        }
        surroundings.names.append(declaration.name)
        switch declaration.content {
        case .group(let members):
            return members.reduce(into: []) { $0.formUnion(add($1, within: surroundings)) }
        case .property(let property):
            return [add(property, within: surroundings)]
        }
    }

    private mutating func add(_ property: any Property, within surroundings: Surroundings) -> Int {
        let claims = property.claims
        let identity = Identity(
            type: ObjectIdentifier(type(of: property)), name: property.name, claims: claims,
            conditions: surroundings.conditions.map(\.name))
        // If it now requires a later step, it becomes a separate step: merging would lose the requirement.
        if let index = known[identity], surroundings.requirements.allSatisfy({ $0 < index }) {
            steps[index].requirements.formUnion(surroundings.requirements)
            steps[index].actions += surroundings.actions
            steps[index].immediateActions += surroundings.immediateActions
            if surroundings.isGuarded { steps[index].isDeclaredGuarded = true }
            steps[index].otherNames.formUnion(surroundings.names + [surroundings.names.joined(separator: "/")])
            return index
        }
        let outline = ValueOutline(describing: property)
        steps.append(
            Step(
                names: surroundings.names, property: property, claims: claims,
                propertySources: outline.sources(with: property.furtherSources), arguments: outline.parts,
                places: surroundings.places, requirements: surroundings.requirements, actions: surroundings.actions,
                immediateActions: surroundings.immediateActions, conditions: surroundings.conditions,
                isDeclaredGuarded: surroundings.isGuarded))
        known[identity] = steps.count - 1
        return steps.count - 1
    }
}
