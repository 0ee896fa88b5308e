/// Two properties of a host that cannot both be satisfied.
public struct Conflict: Error, Sendable, Equatable, CustomStringConvertible {
    /// The resource that both claim.
    public var subject: String
    /// The path of the first property, and the state that it claims.
    public var first: String
    /// The place of the first declaration.
    public var firstPlace: SourcePlace
    /// The path of the second property, and the state that it claims.
    public var second: String
    /// The place of the second declaration.
    public var secondPlace: SourcePlace

    public var description: String {
        """
        two properties conflict about \(subject):
          \(firstPlace): \(first)
          \(secondPlace): \(second)
        """
    }
}

extension Host {
    /// The problems of the properties, each with the place of its declaration. Found before any machine is touched.
    public var problems: [String] {
        steps.flatMap { step in step.property.problems.map { "\(step.place): \($0)" } } + secretStringProblems
            + secretGenerationProblems
            + repositoryProblems
    }

    /// The conflicts between properties, found from their claims before any machine is touched.
    ///
    /// Properties for different systems do not conflict, since no machine has both; a property for every machine
    /// conflicts with one for some.
    public var conflicts: [Conflict] {
        struct Owner {
            var state: String
            var summary: String
            var step: Step
        }
        var owners: [String: [Owner]] = [:]
        var found: [Conflict] = []
        for step in steps {
            let claims =
                step.claims(in: repository)
                + step.property.ports.map {
                    Claim("the port \($0)", is: step.property.portOwner, summary: step.property.name)
                }
            for claim in claims {
                let owner = Owner(state: claim.state, summary: "\(step.path) (\(claim.summary))", step: step)
                for other in owners[claim.subject, default: []]
                where other.state != claim.state && other.step.conditions.canHold(with: step.conditions) {
                    found.append(
                        Conflict(
                            subject: claim.subject, first: other.summary, firstPlace: other.step.place,
                            second: owner.summary, secondPlace: step.place))
                }
                owners[claim.subject, default: []].append(owner)
            }
        }
        return found
    }
}

extension [Condition] {
    /// Whether a machine can meet both lists of conditions: one list contains all of the other.
    fileprivate func canHold(with others: [Condition]) -> Bool {
        let names = Set(map(\.name)), otherNames = Set(others.map(\.name))
        return names.isSubset(of: otherNames) || otherNames.isSubset(of: names)
    }
}
