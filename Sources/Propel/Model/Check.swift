/// What a check found.
public enum Check: Sendable, Equatable {
    /// The machine is in the state that the property names.
    case satisfied
    /// It is not, and this is what applying the property will change.
    case unmet(Change)
    /// It cannot be told before something else has been applied. `until` completes the sentence "cannot tell until …",
    /// for example "docker.io is installed".
    case unknown(until: String)
}

extension Check {
    /// Unmet, for a reason and with a diff where there is one to show.
    public static func unmet(_ reason: String, diff: Diff? = nil, secrets: [Secret] = []) -> Check {
        .unmet(Change(reason: reason, diff: diff, secrets: secrets))
    }

    /// Satisfied where there are no reasons against it, else unmet for all of them.
    public static func unmet(unlessEmpty reasons: [String], diff: Diff? = nil, secrets: [Secret] = []) -> Check {
        reasons.isEmpty ? .satisfied : .unmet(reasons.joined(separator: "; "), diff: diff, secrets: secrets)
    }
}

/// What a property will change.
public struct Change: Sendable, Equatable {
    /// What differs, in a few words: "mode 0644 → 0600".
    public var reason: String
    /// How a text changes, where one does.
    public var diff: Diff?
    /// The secrets whose plaintexts that takes.
    public var secrets: [Secret]

    /// - Parameters:
    ///   - reason: in a few words, such as “mode 0644 → 0600”.
    ///   - secrets: those whose plaintexts it takes; none by default.
    public init(reason: String, diff: Diff? = nil, secrets: [Secret] = []) {
        self.reason = reason
        self.diff = diff
        self.secrets = secrets
    }
}
