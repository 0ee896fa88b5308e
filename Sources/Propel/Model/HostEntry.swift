import Synchronization

/// The entry of a machine in `hosts.conf`, as far as its role may depend on it.
///
/// A role is a function from an entry to properties. The entry is sent to the machine with each run, so a changed tag
/// changes no code and uploads no new program.
public struct HostEntry: Sendable, Equatable {
    /// The name that `propel HOST` takes.
    public var name: String
    /// The name of the role.
    public var role: String
    /// The version of the role that the host runs, if the role has versions.
    public var tag: String? {
        get {
            tagReads?.note(nil)
            return value
        }
        set { value = newValue }
    }
    /// The versions of single stacks, by their names; see ``tag(of:)``.
    public var tags: [String: String] = [:]
    /// The host whose data it has a copy of; nil if its data are no copy.
    public var from: String?
    /// The other keys of the entry, without those about the connection.
    public var keys: [String: JSON]
    private var value: String?
    private var tagReads: TagReads?

    public init(
        name: String, role: String, tag: String? = nil, tags: [String: String] = [:], from: String? = nil,
        keys: [String: JSON] = [:]
    ) {
        self.tags = tags
        self.name = name
        self.role = role
        value = tag
        self.from = from
        self.keys = keys
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
        tagReads?.note(stack)
        return tags[stack] ?? tag
    }

    /// Returns `body` of the same entry, whether it has read the tag of the host, and the stacks of which it has read
    /// the tags.
    func notingTagReads<Result>(
        _ body: (HostEntry) throws -> Result
    ) rethrows -> (result: Result, isRead: Bool, stacks: Set<String>) {
        let reads = TagReads()
        var entry = self
        entry.tagReads = reads
        return (try body(entry), reads.isOfHost, reads.stacks)
    }

    /// The value of a key of ``keys``.
    public subscript(key: String) -> JSON? { keys[key] }
}

extension HostEntry {
    /// The string value of a key; nil if the entry does not have the key.
    /// - Throws: ``Failure`` if the value is not a string.
    public func string(_ key: String) throws -> String? { try value(of: key, as: "a string", \.string) }

    /// The integer value of a key; nil if the entry does not have the key.
    /// - Throws: ``Failure`` if the value is not an integer.
    public func integer(_ key: String) throws -> Int? { try value(of: key, as: "an integer", \.integer) }

    /// The Boolean value of a key; nil if the entry does not have the key.
    /// - Throws: ``Failure`` if the value is neither true nor false.
    public func bool(_ key: String) throws -> Bool? { try value(of: key, as: "true or false", \.bool) }

    /// The strings of an array value of a key; empty if the entry does not have the key.
    /// - Throws: ``Failure`` if the value is not an array of strings.
    public func strings(_ key: String) throws -> [String] {
        try value(of: key, as: "an array of strings") { value in
            value.array.flatMap { elements in
                let strings = elements.compactMap(\.string)
                return strings.count == elements.count ? strings : nil
            }
        } ?? []
    }

    private func value<Value>(of key: String, as kind: String, _ read: (JSON) -> Value?) throws -> Value? {
        guard let found = keys[key] else { return nil }
        guard let value = read(found) else {
            throw Failure(
                "invalid value \(found) for \(key): the role \(role) takes \(kind)", advice: "Correct it in hosts.conf."
            )
        }
        return value
    }
}

/// The tags of its entry that a role has read.
private final class TagReads: Sendable {
    private let state = Mutex<Set<String?>>([])

    var isOfHost: Bool { state.withLock { $0.contains(nil) } }
    var stacks: Set<String> { state.withLock { Set($0.compactMap(\.self)) } }
    /// - Parameter stack: nil for the tag of the host.
    func note(_ stack: String?) { state.withLock { _ = $0.insert(stack) } }
}
