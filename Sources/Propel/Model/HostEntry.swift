/// What `hosts.conf` says of one machine, as far as its role may depend on it.
///
/// A role is a function from this to properties. The entry travels to the target with each run, so a changed tag changes
/// no code and pushes no new binary.
public struct HostEntry: Sendable, Equatable {
    /// The name that `propel HOST` takes.
    public var name: String
    /// The role that the machine plays.
    public var role: String
    /// Which version of what the role runs, if the role has versions.
    public var tag: String?
    /// Every other key of the entry that is not about how to reach the machine.
    public var keys: [String: JSON]

    public init(name: String, role: String, tag: String? = nil, keys: [String: JSON] = [:]) {
        self.name = name
        self.role = role
        self.tag = tag
        self.keys = keys
    }

    /// The free key `key` of the entry.
    public subscript(key: String) -> JSON? { keys[key] }
}
