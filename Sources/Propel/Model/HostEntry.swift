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
    /// The host whose data it has a copy of; nil where its data are its own.
    public var from: String?
    /// Every other key of the entry that is not about how to reach the machine.
    public var keys: [String: JSON]

    public init(name: String, role: String, tag: String? = nil, from: String? = nil, keys: [String: JSON] = [:]) {
        self.name = name
        self.role = role
        self.tag = tag
        self.from = from
        self.keys = keys
    }

    /// The free key `key` of the entry.
    public subscript(key: String) -> JSON? { keys[key] }
}

extension HostEntry {
    /// The text that a free key has; nil where the entry does not have the key.
    /// - Throws: ``Failure`` where it has something else than a text.
    public func string(_ key: String) throws -> String? { try value(of: key, as: "a text", \.string) }

    /// The whole number that a free key has; nil where the entry does not have the key.
    /// - Throws: ``Failure`` where it has something else.
    public func integer(_ key: String) throws -> Int? { try value(of: key, as: "a whole number", \.integer) }

    /// Whether a free key is true; nil where the entry does not have the key.
    /// - Throws: ``Failure`` where it has something else than true or false.
    public func bool(_ key: String) throws -> Bool? { try value(of: key, as: "true or false", \.bool) }

    /// The list of texts that a free key has; empty where the entry does not have the key.
    /// - Throws: ``Failure`` where it has something else.
    public func strings(_ key: String) throws -> [String] {
        try value(of: key, as: "a list of texts") { value in
            value.array.flatMap { elements in
                let texts = elements.compactMap(\.string)
                return texts.count == elements.count ? texts : nil
            }
        } ?? []
    }

    private func value<Value>(of key: String, as kind: String, _ read: (JSON) -> Value?) throws -> Value? {
        guard let found = keys[key] else { return nil }
        guard let value = read(found) else {
            throw Failure(
                "\(key) is \(found), and the role \(role) takes \(kind) there", advice: "Correct it in hosts.conf.")
        }
        return value
    }
}
