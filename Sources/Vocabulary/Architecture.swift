/// A processor architecture that Propel builds enforcers for, named as `uname -m` names it.
public enum Architecture: String, Sendable, CaseIterable {
    case x86_64
    case aarch64

    /// Reads what `uname -m` prints, or the name that Debian has for it.
    public init?(machine: String) {
        switch machine {
        case "x86_64", "amd64": self = .x86_64
        case "aarch64", "arm64": self = .aarch64
        default: return nil
        }
    }
}
