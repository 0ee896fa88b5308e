/// The rules of the table `fleet`: the state of git that a deployment needs.
public struct FleetPolicy: Sendable, Equatable {
    /// The hosts that are only deployed from a clean work tree: their names, or `*` for all.
    public var requireClean: Set<String>
    /// The hosts that are only deployed from a signed commit: their names, or `*` for all.
    public var requireSigned: Set<String>

    public init(requireClean: Set<String> = [], requireSigned: Set<String> = []) {
        self.requireClean = requireClean
        self.requireSigned = requireSigned
    }

    /// Whether `host` is only deployed from a clean work tree.
    public func requiresClean(_ host: String) -> Bool { requireClean.contains(host) || requireClean.contains("*") }

    /// Whether `host` is only deployed from a commit with a good signature.
    public func requiresSigned(_ host: String) -> Bool { requireSigned.contains(host) || requireSigned.contains("*") }
}
