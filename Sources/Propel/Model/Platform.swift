/// A family of operating systems, as a type: what a property is for, and what a host runs.
///
/// A host accepts the properties of its own system and of every family above it; any other is a compile error.
///
///     UnixLike ─ AnyLinux ─ DebianLike ─┬─ Debian ─ RaspberryPiOS
///                                       └─ Ubuntu
public protocol Platform: Sendable {
    /// The next larger family that this one belongs to.
    associatedtype Family: Platform
    /// What people call it.
    static var name: String { get }
    /// Whether a machine with this os-release belongs to the family.
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

/// Debian and what is made from it: apt, dpkg, Debian's file layout.
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

/// What lies above ``UnixLike``: nothing. No property can be for it.
public enum NoFamily: Platform {
    public typealias Family = NoFamily
    public static let name = "nothing"
    public static func includes(_ system: OperatingSystem) -> Bool { false }
}
