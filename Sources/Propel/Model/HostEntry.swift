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
            tagReads?.note()
            return value
        }
        set { value = newValue }
    }
    /// The host whose data it has a copy of; nil if its data are no copy.
    public var from: String?
    /// The other keys of the entry, without those about the connection.
    public var keys: [String: JSON]
    private var value: String?
    private var tagReads: TagReads?

    public init(name: String, role: String, tag: String? = nil, from: String? = nil, keys: [String: JSON] = [:]) {
        self.name = name
        self.role = role
        value = tag
        self.from = from
        self.keys = keys
    }

    public static func == (left: HostEntry, right: HostEntry) -> Bool {
        left.name == right.name && left.role == right.role && left.tag == right.tag && left.from == right.from
            && left.keys == right.keys
    }

    /// Returns `body` of the same entry, and whether it has read the tag.
    func notingTagReads<Result>(_ body: (HostEntry) throws -> Result) rethrows -> (result: Result, isRead: Bool) {
        let reads = TagReads()
        var entry = self
        entry.tagReads = reads
        return (try body(entry), reads.areAny)
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

/// Whether a role has read the tag of its entry.
private final class TagReads: Sendable {
    private let state = Mutex(false)

    var areAny: Bool { state.withLock(\.self) }
    func note() { state.withLock { $0 = true } }
}
