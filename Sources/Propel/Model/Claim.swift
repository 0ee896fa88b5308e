/// A resource that a property decides about, and the state that it decides on.
///
/// Two properties of a host that claim the same resource with different states conflict. That is found before any
/// machine is touched.
public struct Claim: Sendable, Hashable {
    /// The resource, as people call it: “the path /etc/motd”, “the package git”.
    public var subject: String
    /// The state of the resource. It is only compared and may be long.
    public var state: String
    /// The state in a few words, for messages. Never a secret.
    public var summary: String

    /// - Parameters:
    ///   - subject: the resource: “the path /etc/motd”, “the package git”.
    ///   - state: the state that the property wants it in. Two different ones conflict.
    ///   - summary: the state in a few words; the state itself by default.
    public init(_ subject: String, is state: String, summary: String? = nil) {
        self.subject = subject
        self.state = state
        self.summary = summary ?? state
    }
}

extension Claim {
    /// A claim on the file, directory or link at `path`.
    public static func path(_ path: FilePath, is state: String, summary: String) -> Claim {
        Claim("\(pathPrefix)\(path.lexicallyNormalized())", is: state, summary: summary)
    }

    /// The path that it is a claim on; nil if it is about something else.
    package var path: FilePath? {
        subject.hasPrefix(Self.pathPrefix) ? FilePath(String(subject.dropFirst(Self.pathPrefix.count))) : nil
    }

    private static let pathPrefix = "the path "
}
