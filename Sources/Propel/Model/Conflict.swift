/// Two properties of one host that cannot both hold.
public struct Conflict: Error, Sendable, Equatable, CustomStringConvertible {
    /// What both decide about.
    public var subject: String
    /// The path of the one, and what it wants.
    public var first: String
    public var firstPlace: SourcePlace
    /// The path of the other, and what it wants.
    public var second: String
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
    /// What is wrong with its properties as they are declared, each with its place, before any machine is touched.
    public var problems: [String] {
        steps.flatMap { step in step.property.problems.map { "\(step.place): \($0)" } }
    }

    /// The conflicts that can be told from the declarations alone, before any machine is touched.
    ///
    /// Two properties for different systems are not held against each other: no machine has both. One for every machine and
    /// one for some are.
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
                step.property.claims + step.property.ports.map { Claim("the port \($0)", is: step.property.name) }
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
    /// Whether there is surely a machine for which both hold: where one asks for all that the other asks for.
    fileprivate func canHold(with others: [Condition]) -> Bool {
        let names = Set(map(\.name)), otherNames = Set(others.map(\.name))
        return names.isSubset(of: otherNames) || otherNames.isSubset(of: names)
    }
}
