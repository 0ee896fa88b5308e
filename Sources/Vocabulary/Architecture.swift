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

    /// The architecture that this program was compiled for; nil for one that Propel does not know.
    public static var current: Architecture? {
        #if arch(x86_64)
        .x86_64
        #elseif arch(arm64)
        .aarch64
        #else
        nil
        #endif
    }

    /// The name that Debian has for it: `amd64`, `arm64`.
    public var debianName: String {
        switch self {
        case .x86_64: "amd64"
        case .aarch64: "arm64"
        }
    }
}
