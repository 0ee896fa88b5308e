/// An operating system or a family of them, as a type: the platform that a property is for, or that a host runs.
///
/// A host accepts properties for its own platform and for every family above it; any other is a compile error.
///
///     UnixLike ─ AnyLinux ─ DebianLike ─┬─ Debian ─ RaspberryPiOS
///                                       └─ Ubuntu
public protocol Platform: Sendable {
    /// The next larger family that contains this one.
    associatedtype Family: Platform
    /// The name in messages.
    static var name: String { get }
    /// Whether a machine with this operating system belongs to the platform.
    static func includes(_ system: OperatingSystem) -> Bool
}

/// Every system with a POSIX userland.
public enum UnixLike: Platform {
    public typealias Family = NoFamily
    public static let name = "Unix"
    public static func includes(_ system: OperatingSystem) -> Bool { true }
}

/// Every Linux distribution.
public enum AnyLinux: Platform {
    public typealias Family = UnixLike
    public static let name = "Linux"
    public static func includes(_ system: OperatingSystem) -> Bool { system.kernel == "Linux" }
}

/// Debian and its derivatives: apt, dpkg, Debian's file layout.
public enum DebianLike: Platform {
    public typealias Family = AnyLinux
    public static let name = "a Debian-like system"
    public static func includes(_ system: OperatingSystem) -> Bool { system.isLike("debian") }
}

/// Debian, from release 11 on.
public enum Debian: Platform {
    public typealias Family = DebianLike
    public static let name = "Debian"
    // Raspberry Pi OS calls itself debian on arm64 and raspbian on armhf.
    public static func includes(_ system: OperatingSystem) -> Bool { system.id == "debian" || system.id == "raspbian" }
}

/// Debian as it runs on a Raspberry Pi, with its firmware configuration.
public enum RaspberryPiOS: Platform {
    public typealias Family = Debian
    public static let name = "Raspberry Pi OS"
    public static func includes(_ system: OperatingSystem) -> Bool { Debian.includes(system) && system.isRaspberryPiOS }
}

/// Ubuntu.
public enum Ubuntu: Platform {
    public typealias Family = DebianLike
    public static let name = "Ubuntu"
    public static func includes(_ system: OperatingSystem) -> Bool { system.id == "ubuntu" }
}

/// The end of the chain of families above ``UnixLike``. No property can be for it.
public enum NoFamily: Platform {
    public typealias Family = NoFamily
    public static let name = "nothing"
    public static func includes(_ system: OperatingSystem) -> Bool { false }
}
