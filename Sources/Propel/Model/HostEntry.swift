import Synchronization

/// The entry of a machine in `hosts.conf`, as far as its role may depend on it.
///
/// A role is a function from an entry to properties. The entry is sent to the machine with each run, so a changed tag
/// changes no code and uploads no new program.
public struct HostEntry: HostValues, Equatable {
    /// The name that `propel HOST` takes.
    public var name: String
    /// The name of the role.
    public var role: String
    /// The version of the role that the host runs, if the role has versions.
    public var tag: String? {
        get {
            reads?.noteTag(of: nil)
            return hostTag
        }
        set { hostTag = newValue }
    }
    /// The versions of single stacks, by their names; see ``tag(of:)``.
    public var tags: [String: String] = [:]
    /// The host whose data it has a copy of; nil if its data are no copy.
    public var from: String?
    /// The other keys of the entry, without those about the connection.
    public var keys: [String: JSON]
    /// The hosts of `hosts.conf`, this one and the others. They are no part of the entry: two entries may be equal in
    /// different fleets.
    public var fleet: FleetHosts
    /// The tag of the host; see ``tag``, which notes that it is read.
    private var hostTag: String?
    private var reads: EntryReads?

    public init(
        name: String, role: String, tag: String? = nil, tags: [String: String] = [:], from: String? = nil,
        keys: [String: JSON] = [:], fleet: FleetHosts = []
    ) {
        self.name = name
        self.role = role
        hostTag = tag
        self.tags = tags
        self.from = from
        self.keys = keys
        self.fleet = fleet
    }

    public static func == (left: HostEntry, right: HostEntry) -> Bool {
        left.name == right.name && left.role == right.role && left.tag == right.tag && left.tags == right.tags
            && left.from == right.from && left.keys == right.keys
    }

    /// The version of a stack: that of ``tags``, or else the one of the host.
    ///
    ///     Container("app", image: "shop/app", tag: host.tag(of: "shop"))
    ///
    /// - Parameter stack: the name of the stack, or of whatever has its own version.
    public func tag(of stack: String) -> String? {
        reads?.noteTag(of: stack)
        return tags[stack] ?? tag
    }

    /// Returns `body` of the same entry, and what it has read of it.
    func notingReads<Result>(_ body: (HostEntry) throws -> Result) rethrows -> (result: Result, reads: EntryReads) {
        let reads = EntryReads()
        var entry = self
        entry.reads = reads
        entry.fleet.reads = reads
        return (try body(entry), reads)
    }
}

/// The parts of an entry that a role has read: no other part makes a difference to its host.
final class EntryReads: Sendable {
    private struct State {
        /// The stacks of which it has read the tags; nil for the tag of the host.
        var tags: Set<String?> = []
        var hosts: Set<String> = []
    }

    private let state = Mutex(State())

    /// Whether it has read the tag of the host.
    var isTagRead: Bool { state.withLock { $0.tags.contains(nil) } }
    /// The stacks of which it has read the tags.
    var stacks: Set<String> { state.withLock { Set($0.tags.compactMap(\.self)) } }
    /// The names of the hosts of the fleet that it has read.
    var hosts: Set<String> { state.withLock { $0.hosts } }

    /// - Parameter stack: nil for the tag of the host.
    func noteTag(of stack: String?) { state.withLock { _ = $0.tags.insert(stack) } }
    func note(_ hosts: [FleetHost]) { state.withLock { $0.hosts.formUnion(hosts.map(\.name)) } }
}
