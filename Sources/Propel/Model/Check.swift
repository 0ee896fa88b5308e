/// The result of a check.
public enum Check: Sendable, Equatable {
    /// The machine is in the state that the property names.
    case satisfied
    /// The machine is not in that state, and applying the property makes this change.
    case unmet(Change)
    /// It cannot be told before something else has been applied: what the engine makes of a thrown ``Undetermined``.
    /// `until` completes the sentence “cannot tell until …”.
    case unknown(until: String)
}

extension Check {
    /// Unmet for a reason, with a diff if there is one to show.
    public static func unmet(
        _ reason: String, diff: Diff? = nil, secrets: [Secret] = [], contents: [RepositoryContent] = []
    ) -> Check {
        .unmet(Change(reason: reason, diff: diff, secrets: secrets, contents: contents))
    }

    /// Satisfied if there are no reasons, else unmet for all of them.
    public static func unmet(
        unlessEmpty reasons: [String], diff: Diff? = nil, secrets: [Secret] = [], contents: [RepositoryContent] = []
    ) -> Check {
        reasons.isEmpty
            ? .satisfied
            : .unmet(reasons.joined(separator: "; "), diff: diff, secrets: secrets, contents: contents)
    }
}

/// A change that applying a property makes.
public struct Change: Sendable, Equatable {
    /// The difference in a few words: “mode 0644 → 0600”.
    public var reason: String
    /// The diff, if text changes.
    public var diff: Diff?
    /// The secrets whose plaintexts the change needs.
    public var secrets: [Secret]
    /// The files of the repository whose contents the change needs.
    public var contents: [RepositoryContent]

    /// - Parameters:
    ///   - reason: what differs, in a few words: “mode 0644 → 0600”.
    ///   - diff: the change of a file, line by line; none by default.
    ///   - secrets: the secrets whose plaintexts the change needs; none by default.
    ///   - contents: the files of the repository whose contents the change needs; none by default.
    public init(
        reason: String, diff: Diff? = nil, secrets: [Secret] = [], contents: [RepositoryContent] = []
    ) {
        self.reason = reason
        self.diff = diff
        self.secrets = secrets
        self.contents = contents
    }
}
