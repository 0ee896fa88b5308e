/// How to become root where the login user is not root.
public enum Become: String, Sendable, CustomStringConvertible {
    /// The login user is root.
    case nothing
    case sudo
    case doas

    public var description: String { rawValue }
}
