/// What a property decides about the machine, so that two properties that conflict are found before
/// anything runs.
///
/// Two declarations of one host may claim the same thing only where they want the same of it.
public struct Claim: Sendable, Hashable {
    /// What is decided about, as people call it: "the file /etc/motd", "the package git".
    public var subject: String
    /// What it shall be. Only compared: it may be long.
    public var state: String
    /// The state in a few words, for the message. Nothing secret.
    public var summary: String

    /// - Parameter summary: the state in a few words; the state itself by default.
    public init(_ subject: String, is state: String, summary: String? = nil) {
        self.subject = subject
        self.state = state
        self.summary = summary ?? state
    }
}

extension Claim {
    /// The file, directory or link at `path`.
    public static func path(_ path: FilePath, is state: String, summary: String) -> Claim {
        Claim("the path \(path.lexicallyNormalized())", is: state, summary: summary)
    }
}
