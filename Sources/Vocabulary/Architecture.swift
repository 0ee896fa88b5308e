/// A processor architecture that Propel builds enforcers for, with its name in `uname -m`.
public enum Architecture: String, Sendable, CaseIterable {
    case x86_64
    case aarch64

    /// Reads the output of `uname -m`, or the name of the architecture in Debian.
    public init?(machine: String) {
        switch machine {
        case "x86_64", "amd64": self = .x86_64
        case "aarch64", "arm64": self = .aarch64
        default: return nil
        }
    }
}
