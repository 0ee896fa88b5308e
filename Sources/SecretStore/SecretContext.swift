/// The hosts that a secret is for.
public enum SecretContext: Sendable, Hashable {
    case all
    /// One host, by its name in hosts.conf.
    case host(String)
    /// Every host with this role.
    case role(String)
}

extension SecretContext: Comparable {
    /// All, then roles, then hosts, each by name.
    public static func < (left: SecretContext, right: SecretContext) -> Bool { left.order < right.order }

    private var order: (Int, String) {
        switch self {
        case .all: (0, "")
        case .role(let name): (1, name)
        case .host(let name): (2, name)
        }
    }
}

extension SecretContext: CustomStringConvertible {
    /// `all`, `host web1` or `role web`.
    public var description: String {
        switch self {
        case .all: "all"
        case .host(let name): "host \(name)"
        case .role(let name): "role \(name)"
        }
    }
}

extension SecretContext {
    /// The folder of its secrets, relative to the store.
    var path: String {
        get throws(SecretStoreError) {
            switch self {
            case .all: "all"
            case .host(let name): "hosts/" + (try Self.checked(name))
            case .role(let name): "roles/" + (try Self.checked(name))
            }
        }
    }

    /// The name becomes a folder name, and must not contain a path.
    private static func checked(_ name: String) throws(SecretStoreError) -> String {
        guard isUsable(name) else { throw .unusableContext(name) }
        return name
    }

    static func isUsable(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= 253 && !name.hasPrefix(".")
            && name.unicodeScalars.allSatisfy { $0 != "/" && $0 >= " " && !("\u{7F}"..."\u{9F}" ~= $0) }
    }
}
