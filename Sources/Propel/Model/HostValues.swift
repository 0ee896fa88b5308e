/// The keys of an entry of `hosts.conf` that belong to its role, by their types.
public protocol HostValues: Sendable {
    /// The name that `propel HOST` takes.
    var name: String { get }
    /// The keys of the entry, without those about the connection.
    var keys: [String: JSON] { get }
}

extension HostValues {
    /// The value of a key of ``keys``.
    public subscript(key: String) -> JSON? { keys[key] }

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

    /// The string value of a key that the role cannot do without.
    ///
    ///     Role("vpn", runs: Debian.self, keys: ["vpn-address"]) { host in
    ///         WireGuard("wg0", addresses: [try host.required("vpn-address")], port: 51820, peers: [])
    ///     }
    ///
    /// - Throws: ``Failure`` if the entry does not have the key, or its value is not a string.
    public func required(_ key: String) throws -> String {
        guard let value = try string(key) else {
            throw Failure("\(name) has no \(key)", advice: "Add \(key) = \"…\" to its entry in hosts.conf.")
        }
        return value
    }

    private func value<Value>(of key: String, as kind: String, _ read: (JSON) -> Value?) throws -> Value? {
        guard let found = keys[key] else { return nil }
        guard let value = read(found) else {
            throw Failure(
                "invalid value \(found) for \(key) of \(name): use \(kind)", advice: "Correct it in hosts.conf.")
        }
        return value
    }
}
