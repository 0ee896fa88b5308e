import Vocabulary
import Propel

/// Reads the table of one host, and collects all that is wrong with it.
struct EntryReader {
    let name: String
    let line: Int
    private let path: [String]
    private let outline: TOMLOutline
    private let roles: [Role]
    private let table: [String: TOMLTree]
    private(set) var problems: [HostsConf.Problem] = []

    /// Every key that has a meaning of its own.
    static let keys = [
        "role", "tag", "from", "sandbox", "suite", "address", "port", "user", "become", "identity", "host-keys",
        "proxy-jump",
        "connect-timeout", "architecture",
    ]

    /// What a sandbox settles itself.
    private static let keysOfARealMachine = ["address", "port", "identity", "host-keys", "proxy-jump", "architecture"]

    init(name: String, path: [String], line: Int, document: Document, roles: [Role]) {
        self.name = name
        self.line = line
        self.path = path
        self.outline = document.outline
        self.roles = roles
        var value = TOMLTree.table(document.root)
        for part in path {
            if case .table(let table) = value { value = table[part] ?? .table([:]) }
        }
        if case .table(let table) = value { self.table = table } else { self.table = [:] }
    }

    /// The entry, where nothing is wrong with it.
    mutating func read() -> MachineEntry? {
        let role = readRole()
        let sandbox = readSandbox()
        let connection = ConnectionSettings(
            address: checked("address") { ConnectionSyntax.problem(inHost: $0, allowing: "%") },
            port: integer("port", in: 1...65535, unit: ""),
            user: checked("user", ConnectionSyntax.problem(inUser:)),
            become: choice("become"),
            identities: strings("identity", ConnectionSyntax.problem(inIdentity:)),
            hostKeys: hostKeys(),
            proxyJump: checked("proxy-jump", ConnectionSyntax.problem(inProxyJump:)),
            connectTimeout: integer("connect-timeout", in: 1...3600, unit: " seconds").map { .seconds($0) })
        let architecture: Architecture? = choice("architecture")
        let entry = HostEntry(
            name: name, role: role?.name ?? "", tag: checked("tag") { $0.isEmpty ? "is empty" : nil },
            from: checked("from") { [name] in $0.isEmpty ? "is empty" : $0 == name ? "is this host itself" : nil },
            keys: freeKeys(of: role))
        guard problems.isEmpty else { return nil }
        return MachineEntry(
            entry: entry, connection: connection, sandbox: sandbox, architecture: architecture, line: line)
    }

    private mutating func refuse(_ key: String, element: Int? = nil, _ message: String) {
        let assignment = outline.assignment(to: path + [key])
        var line = assignment?.line ?? outline.line(of: path + [key]) ?? self.line
        if let element, let lines = assignment?.elementLines, element < lines.count { line = lines[element] }
        problems.append(HostsConf.Problem(line: line, message: message))
    }

    // MARK: The keys with a meaning

    private mutating func readRole() -> Role? {
        let known = roles.map(\.name)
        guard table["role"] != nil else {
            refuse(
                "role",
                "\(name.debugDescription) has no role; add role = \"…\"\(suggestion(for: "", among: known, called: "roles"))"
            )
            return nil
        }
        guard let wanted = string("role") else { return nil }
        if let role = roles.first(where: { $0.name == wanted }) { return role }
        let what = wanted.isEmpty ? "the role is empty" : "unknown role \(wanted.debugDescription)"
        refuse("role", what + suggestion(for: wanted, among: known, called: "roles"))
        return nil
    }

    private mutating func readSandbox() -> DebianRelease? {
        let suite: DebianRelease? = choice("suite")
        var isSandbox = false
        switch table["sandbox"] {
        case nil: break
        case .bool(let value): isSandbox = value
        case let other?:
            refuse("sandbox", "sandbox must be true or false, not \(other.kind)")
            return nil
        }
        guard isSandbox else {
            if table["suite"] != nil { refuse("suite", "suite is for sandboxes; add sandbox = true, or leave it out") }
            return nil
        }
        for key in Self.keysOfARealMachine where table[key] != nil {
            refuse(key, "a sandbox settles its \(key) itself; leave out \(key), or sandbox = true")
        }
        return suite ?? .bookworm
    }

    private mutating func hostKeys() -> [String] {
        var keys: [String] = []
        for (index, text) in strings("host-keys", { $0.isEmpty ? "is empty" : nil }).enumerated() {
            switch ConnectionSyntax.hostKey(text) {
            case .success(let key): keys.append(key)
            case .failure(let invalid):
                refuse("host-keys", element: index, "the host key \(Self.shortened(text)) \(invalid.reason)")
            }
        }
        return keys
    }

    private mutating func freeKeys(of role: Role?) -> [String: JSON] {
        var free: [String: JSON] = [:]
        for (key, value) in table.sorted(by: { $0.key < $1.key }) where !Self.keys.contains(key) {
            if role?.keys.contains(key) != true {
                let slip = Self.keys.first { Self.isSlip(key, of: $0) }
                // Which keys an unknown role reads is unknown too.
                if role != nil || slip != nil {
                    refuse(key, unknownKey(key, slip: slip, role: role))
                    continue
                }
            }
            do {
                free[key] = try value.json()
            } catch {
                refuse(key, "\(key) holds \(error.what); write it as a string, in quotes")
            }
        }
        return free
    }

    private func unknownKey(_ key: String, slip: String?, role: Role?) -> String {
        var text = "unknown key \(key.debugDescription)"
        if let role { text += " for the role \(role.name.debugDescription)" }
        let candidates = Self.keys + (role?.keys ?? []).sorted()
        if let slip {
            text += "; did you mean \(slip.debugDescription)?"
        } else {
            text += suggestion(for: key, among: candidates, called: "keys")
        }
        if path.count == 1, case .table? = table[key],
            outline.sections.contains(where: { $0.header == .init(path: path + [key], isBare: true) })
        {
            text += " (if it is a host of its own, quote it: \(FileReader.header("\(name).\(key)")))"
        }
        return text
    }

    /// Whether `key` is so near to `known` that it must be a slip: one error in a short key, two in a longer one, or
    /// another case.
    private static func isSlip(_ key: String, of known: String) -> Bool {
        editDistance(key.lowercased(), known) <= (known.count <= 4 ? 1 : 2)
    }

    // MARK: Values by their type

    private mutating func string(_ key: String) -> String? {
        switch table[key] {
        case nil: return nil
        case .string(let value)?: return value
        case let other?:
            refuse(key, "\(key) must be a string, in quotes, not \(other.kind)")
            return nil
        }
    }

    private mutating func checked(_ key: String, _ problem: (String) -> String?) -> String? {
        guard let value = string(key) else { return nil }
        guard let problem = problem(value) else { return value }
        refuse(key, value.isEmpty ? "\(key) is empty" : "\(key) \(value.debugDescription) \(problem)")
        return nil
    }

    private mutating func strings(_ key: String, _ problem: (String) -> String?) -> [String] {
        guard let value = table[key] else { return [] }
        guard let list = value.strings else {
            refuse(key, "\(key) must be a string or a list of strings, not \(value.kind)")
            return []
        }
        for (index, value) in list.enumerated() {
            if let problem = problem(value) {
                refuse(
                    key, element: index,
                    value.isEmpty ? "\(key) is empty" : "\(key) \(value.debugDescription) \(problem)")
            }
        }
        return list
    }

    private mutating func integer(_ key: String, in range: ClosedRange<Int>, unit: String) -> Int? {
        switch table[key] {
        case nil: return nil
        case .integer(let value)? where range.contains(value): return value
        case .integer(let value)?:
            refuse(key, "\(key) must be \(range.lowerBound) to \(range.upperBound)\(unit), not \(value)")
        case .string(let value)? where Int(value) != nil:
            refuse(key, "\(key) must be a whole number, without quotes: \(key) = \(value)")
        case let other?:
            refuse(key, "\(key) must be a whole number, not \(other.kind)")
        }
        return nil
    }

    private mutating func choice<Choice: RawRepresentable<String> & CaseIterable>(_ key: String) -> Choice? {
        guard let value = string(key) else { return nil }
        if let choice = Choice(rawValue: value) { return choice }
        let known = Choice.allCases.map(\.rawValue)
        let near = nearestNames(to: value, among: known).first.map { "; did you mean \($0.debugDescription)?" } ?? ""
        refuse(
            key,
            "\(key) must be \(known.map(\.debugDescription).joined(separator: " or ")), not \(value.debugDescription)\(near)"
        )
        return nil
    }

    private static func shortened(_ text: String) -> String {
        text.count > 40 ? "\(text.prefix(37).debugDescription)…" : text.debugDescription
    }
}
