/// Everything that decides what a step does, in a form that two programs can compare.
///
/// A role is evaluated on the laptop and on the machine. Both make outlines of the steps; the request carries their
/// hashes, and where one differs the run refuses.
public struct StepOutline: Sendable, Equatable {
    /// The names of the groups around the property and its own, joined with slashes.
    public var path: String
    /// Its claims, arguments, requirements and actions.
    public var parts: [Part]

    /// One of the things that decide what a step does.
    public struct Part: Sendable, Equatable {
        /// The thing: “the path /etc/motd”, “content”, “requirements”.
        public var label: String
        /// Its value in a few words, for messages. A secret is there by its name.
        public var value: String
        /// The hash of the value if the words do not tell all of it, else empty.
        var hash = ""
    }

    /// The hash of the outline: 16 hexadecimal digits. It tells outlines apart; it authenticates nothing.
    public var hash: String {
        // NUL is in no label and no value, so that two outlines do not become one string.
        let fields = [path] + parts.flatMap { [$0.label, $0.value, $0.hash] }
        return Self.hash(Array(fields.joined(separator: "\0").utf8))
    }

    static func hash(_ bytes: [UInt8]) -> String { String(UInt64(hashing: bytes), radix: 16, digits: 16) }
}

extension StepOutline {
    /// Makes the outline of a step.
    /// - Parameter repository: the files of the repository, as the run has them.
    init(of step: Step, _ repository: RepositoryManifest) {
        path = step.path
        parts = step.claims.map { claim in
            Part(label: claim.subject, value: claim.summary.escaped, hash: Self.hash(Array(claim.state.utf8)))
        }
        var arguments = ValueOutline()
        arguments.add(step.property.ports, at: "ports")
        arguments.add(step.requirements, at: "requirements")
        arguments.add(step.conditions.map(\.name), at: "conditions")
        if step.isDeclaredGuarded { arguments.add("yes", at: "guarded") }
        for action in step.actions { arguments.add(action: action, at: "on change") }
        for immediate in step.immediateActions { arguments.add(action: immediate.action, at: "on change, now") }
        parts += step.arguments + arguments.parts + repository.parts(of: step)
    }

    /// The first part that differs, as both describe it; nil if all are the same.
    func firstDifference(from other: StepOutline) -> (first: Part?, second: Part?)? {
        for index in 0..<max(parts.count, other.parts.count) {
            let first = index < parts.count ? parts[index] : nil
            let second = index < other.parts.count ? other.parts[index] : nil
            if first != second { return (first, second) }
        }
        return nil
    }
}

extension Host {
    /// The outlines of the steps, in the order of application.
    public var outlines: [StepOutline] { steps.map { StepOutline(of: $0, repository) } }
}
