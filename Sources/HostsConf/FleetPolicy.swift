/// What the `[fleet]` table of `hosts.conf` demands of the configuration's git before a machine is touched.
public struct FleetPolicy: Sendable, Equatable {
    /// Names of hosts, or `*` for all of them.
    public var requireClean: Set<String>
    /// Names of hosts, or `*` for all of them.
    public var requireSigned: Set<String>

    /// No rules by default.
    public init(requireClean: Set<String> = [], requireSigned: Set<String> = []) {
        self.requireClean = requireClean
        self.requireSigned = requireSigned
    }

    /// Whether `host` is only deployed from a clean work tree.
    public func requiresClean(_ host: String) -> Bool { requireClean.contains(host) || requireClean.contains("*") }

    /// Whether `host` is only deployed from a commit with a good signature.
    public func requiresSigned(_ host: String) -> Bool { requireSigned.contains(host) || requireSigned.contains("*") }
}
