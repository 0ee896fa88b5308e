/// The way in which the login user becomes root: `become` in hosts.conf.
public enum Become: String, Sendable, CaseIterable, CustomStringConvertible {
    /// Not at all: the login user is root.
    case unneeded = "none"
    case sudo
    case doas

    public var description: String { rawValue }
}
