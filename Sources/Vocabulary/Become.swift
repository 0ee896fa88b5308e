/// How the login user becomes root, as `become` in hosts.conf names it.
public enum Become: String, Sendable, CaseIterable, CustomStringConvertible {
    /// Not at all: the login user is root.
    case unneeded = "none"
    case sudo
    case doas

    public var description: String { rawValue }
}
