/// A host of `hosts.conf`, as the roles of other hosts see it; see ``FleetHosts``.
public struct FleetHost: HostValues, Equatable {
    public var name: String
    /// The name of its role.
    public var role: String
    /// The host name or the IP address at which Propel reaches it: `address` in `hosts.conf`, by default its name.
    public var address: String
    /// The port of its ssh: `port` in `hosts.conf`, by default 22.
    public var port: UInt16
    /// The public keys of its ssh that `hosts.conf` pins (`host-keys`), each as a type and base64; empty if it pins
    /// none.
    public var hostKeys: [String]
    /// The version of the role that it runs, if the role has versions. Its own role has to read the tag too: a tag that
    /// no part of that reads is refused.
    public var tag: String?
    /// The versions of its single stacks, by their names.
    public var tags: [String: String]
    public var keys: [String: JSON]

    /// - Parameters:
    ///   - name: its name in `hosts.conf`.
    ///   - role: the name of its role.
    ///   - address: its address; its name by default.
    ///   - port: the port of its ssh.
    ///   - hostKeys: the public keys of its ssh; none by default.
    ///   - tag: the version of its role; none by default.
    ///   - tags: the versions of its stacks; none by default.
    ///   - keys: the keys of its role; none by default.
    public init(
        _ name: String, role: String, address: String? = nil, port: UInt16 = 22, hostKeys: [String] = [],
        tag: String? = nil, tags: [String: String] = [:], keys: [String: JSON] = [:]
    ) {
        self.name = name
        self.role = role
        self.address = address ?? name
        self.port = port
        self.hostKeys = hostKeys
        self.tag = tag
        self.tags = tags
        self.keys = keys
    }

    /// The version of a stack: that of ``tags``, or else the one of the host.
    public func tag(of stack: String) -> String? { tags[stack] ?? tag }

    /// Its address with a port, as proxies and WireGuard take it: `db1.example.com:5432`, `[2001:db8::7]:5432`.
    /// - Parameter port: the port of the service.
    public func endpoint(_ port: UInt16) -> String {
        address.contains(":") ? "[\(address)]:\(port)" : "\(address):\(port)"
    }
}

extension FleetHost {
    /// An object without what is as by default.
    var json: JSON {
        .object(present: [
            "name": .string(name), "role": .string(role), "address": address == name ? nil : .string(address),
            "port": port == 22 ? nil : .integer(Int(port)),
            "host-keys": .nonEmpty(hostKeys.map(JSON.string)), "tag": tag.map(JSON.string),
            "tags": .nonEmpty(tags.mapValues(JSON.string)), "keys": .nonEmpty(keys),
        ])
    }

    /// - Throws: ``MalformedMessage`` if it is not such an object.
    init(_ json: JSON) throws {
        let malformed = MalformedMessage(message: json.description)
        guard let port = UInt16(exactly: json["port"] == nil ? 22 : try json.number("port")), port > 0,
            let keys = json["keys"] == nil ? [:] : json["keys"]?.object
        else { throw malformed }
        self.init(
            try json.text("name"), role: try json.text("role"), address: try json.optionalText("address"), port: port,
            hostKeys: try json.optionalTexts("host-keys") ?? [], tag: try json.optionalText("tag"),
            tags: try json.optionalTextsByName("tags"), keys: keys)
    }
}
