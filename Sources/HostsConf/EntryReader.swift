import Propel
import TOML
import Vocabulary

/// Reads the table of one host and collects everything that is wrong with it.
struct EntryReader {
    let name: String
    /// The line of the header.
    let line: Int
    private let path: [String]
    private let document: Document
    private let roles: [Role]
    private let table: Table
    private(set) var problems: [HostsConf.Problem] = []

    /// The keys that do not belong to the role.
    static let keys = [
        "role", "tag", "tags", "from", "sandbox", "suite", "address", "port", "user", "become", "identity", "host-keys",
        "proxy-jump", "connect-timeout", "architecture",
    ]

    /// The keys that are not for a sandbox.
    private static let keysOfRealMachines = ["address", "port", "identity", "host-keys", "proxy-jump", "architecture"]

    init(name: String, path: [String], line: Int, document: Document, roles: [Role]) {
        self.name = name
        self.line = line
        self.path = path
        self.document = document
        self.roles = roles
        table = document.table(at: path)
    }

    /// Reads the entry; nil if anything is wrong with it.
    mutating func read() -> MachineEntry? {
        let role = readRole()
        let sandbox = readSandbox()
        let connection = ConnectionSettings(
            address: string("address") { ConnectionSyntax.problem(inHost: $0, allowing: "%") },
            port: integer("port", in: 1...65535, unit: ""),
            user: string("user", ConnectionSyntax.problem(inUser:)),
            become: choice("become"),
            identities: identities(),
            hostKeys: hostKeys(),
            proxyJump: string("proxy-jump", ConnectionSyntax.problem(inProxyJump:)),
            connectTimeout: integer("connect-timeout", in: 1...3600, unit: " seconds").map { .seconds($0) })
        let architecture: Architecture? = choice("architecture")
        let entry = HostEntry(
            name: name, role: role?.name ?? "", tag: string("tag"), tags: tags(), from: origin(),
            keys: freeKeys(of: role))
        guard problems.isEmpty else { return nil }
        return MachineEntry(
            entry: entry, connection: connection, sandbox: sandbox, architecture: architecture, line: line)
    }

    private mutating func refuse(_ key: String, line: Int? = nil, _ message: String) {
        let line = line ?? table.entry(named: key)?.key.position.line ?? self.line
        problems.append(HostsConf.Problem(line: line, message: message))
    }

    // MARK: Keys with a meaning

    private mutating func readRole() -> Role? {
        let known = roles.map(\.name)
        guard table["role"] != nil else {
            refuse("role", "\(name.quoted) has no role: add role = \"…\"" + Self.list(of: known, called: "roles"))
            return nil
        }
        if case .string("")? = table["role"]?.content {
            refuse("role", "role is empty" + suggestion(for: "", among: known, called: "roles"))
            return nil
        }
        guard let wanted = string("role") else { return nil }
        if let role = roles.first(where: { $0.name == wanted }) { return role }
        refuse("role", "unknown role \(wanted.quoted)" + suggestion(for: wanted, among: known, called: "roles"))
        return nil
    }

    private static func list(of names: [String], called kind: String) -> String {
        names.isEmpty ? "" : "; the \(kind) are \(names.sorted().joined(separator: ", "))"
    }

    private mutating func origin() -> String? {
        guard let origin = string("from") else { return nil }
        guard origin == name else { return origin }
        refuse("from", "from names its own host \(name.quoted): name the host whose data it gets")
        return nil
    }

    /// The tags of single stacks: `tags = { shop = "v2" }`.
    private mutating func tags() -> [String: String] {
        guard let value = table["tags"] else { return [:] }
        guard case .table(let stacks) = value.content else {
            refuse("tags", document.message(about: value, of: "tags", mustBe: "a table such as { shop = \"v2\" }"))
            return [:]
        }
        var tags: [String: String] = [:]
        for entry in stacks.entries {
            guard case .string(let tag) = entry.value.content, !tag.isEmpty else {
                refuse(
                    "tags", line: entry.key.position.line,
                    "the tag of \(entry.key.name.quoted) is \(document.shown(entry.value)), but must be a string: "
                        + "\(Writing.key(entry.key.name)) = \"v2\"")
                continue
            }
            tags[entry.key.name] = tag
        }
        return tags
    }

    private mutating func readSandbox() -> DebianRelease? {
        let suite: DebianRelease? = choice("suite")
        var isSandbox = false
        if let value = table["sandbox"] {
            guard case .boolean(let flag) = value.content else {
                refuse("sandbox", "sandbox is \(document.shown(value)), but must be true or false")
                return nil
            }
            isSandbox = flag
        }
        guard isSandbox else {
            if table["suite"] != nil {
                refuse("suite", "suite is only for sandboxes: add sandbox = true, or remove suite")
            }
            return nil
        }
        for key in Self.keysOfRealMachines where table[key] != nil {
            refuse(key, "\(key) is not for a sandbox: remove it, or sandbox = true")
        }
        return suite ?? .bookworm
    }

    private mutating func identities() -> [String] {
        let identities = strings("identity")
        for (path, line) in identities {
            if let problem = ConnectionSyntax.problem(inIdentity: path) {
                refuse("identity", line: line, "invalid identity \(path.quoted): \(problem)")
            }
        }
        return identities.map(\.text)
    }

    private mutating func hostKeys() -> [String] {
        strings("host-keys").compactMap { text, line in
            switch ConnectionSyntax.hostKey(text) {
            case .success(let key): return key
            case .failure(let invalid):
                refuse("host-keys", line: line, "invalid host key \(text.quotedAndShortened): \(invalid.reason)")
                return nil
            }
        }
    }

    // MARK: Keys of the role

    private mutating func freeKeys(of role: Role?) -> [String: JSON] {
        var free: [String: JSON] = [:]
        for entry in table.entries where !Self.keys.contains(entry.key.name) {
            let key = entry.key.name
            if role?.keys.contains(key) != true {
                let typo = Self.keys.first { Self.isTypo(key, of: $0) }
                // The keys of an unknown role are unknown too.
                if role != nil || typo != nil {
                    refuse(key, unknownKey(key, typo: typo, role: role))
                    continue
                }
            }
            do {
                free[key] = try entry.value.json()
            } catch {
                let shown = document.shown(error.value)
                refuse(
                    key, line: error.value.position.line,
                    "\(key) has the value \(shown), which no role can read: put it in quotes: \"\(shown)\"")
            }
        }
        return free
    }

    private func unknownKey(_ key: String, typo: String?, role: Role?) -> String {
        var text = "unknown key \(key.quoted)"
        if let role { text += " for the role \(role.name.quoted)" }
        text +=
            typo.map { ": did you mean \($0.quoted)?" }
            ?? suggestion(for: key, among: Self.keys + (role?.keys ?? []).sorted(), called: "keys")
        let isHeader = document.sections.contains {
            $0.header.map { $0.names == path + [key] && $0.path.allSatisfy(\.isBare) } == true
        }
        if path.count == 1, isHeader {
            text += " (for a host of that name, write \(FileReader.header("\(name).\(key)")))"
        }
        return text
    }

    /// Whether `key` is so near to `known` that it must be a typo: one error in a short key, two in a longer one, or
    /// another case.
    private static func isTypo(_ key: String, of known: String) -> Bool {
        editDistance(key.lowercased(), known) <= (known.count <= 4 ? 1 : 2)
    }

    // MARK: Values by type

    /// The string, if `problem` finds nothing wrong with it. An empty string is always refused.
    private mutating func string(_ key: String, _ problem: (String) -> String? = { _ in nil }) -> String? {
        guard let value = table[key] else { return nil }
        guard case .string(let text) = value.content else {
            refuse(key, document.message(about: value, of: key, mustBe: "a string"))
            return nil
        }
        if text.isEmpty {
            refuse(key, "\(key) is empty: give it a value or remove it")
            return nil
        }
        guard let problem = problem(text) else { return text }
        refuse(key, "invalid \(key) \(text.quoted): \(problem)")
        return nil
    }

    private mutating func strings(_ key: String) -> [(text: String, line: Int)] {
        guard let value = table[key] else { return [] }
        guard let list = value.strings else {
            refuse(key, document.message(about: value, of: key, mustBe: "a string or a list of strings"))
            return []
        }
        for (text, line) in list where text.isEmpty {
            refuse(key, line: line, "\(key) has an empty string: give it a value or remove it")
        }
        return list.filter { !$0.text.isEmpty }
    }

    private mutating func integer(_ key: String, in range: ClosedRange<Int>, unit: String) -> Int? {
        guard let value = table[key] else { return nil }
        let limits = "\(range.lowerBound) to \(range.upperBound)\(unit)"
        switch value.content {
        case .integer(let number) where range.contains(number): return number
        case .integer(let number): refuse(key, "\(key) is \(number): use \(limits)")
        case .string(let text) where Int(text) != nil:
            refuse(key, "\(key) is \(document.shown(value)), but must be a number without quotes: \(key) = \(text)")
        default: refuse(key, "\(key) is \(document.shown(value)), but must be a whole number: use \(limits)")
        }
        return nil
    }

    private mutating func choice<Choice: RawRepresentable<String> & CaseIterable>(_ key: String) -> Choice? {
        guard let text = string(key) else { return nil }
        if let choice = Choice(rawValue: text) { return choice }
        let known = Choice.allCases.map { Writing.string($0.rawValue) }
        refuse(key, "unknown \(key) \(text.quoted): use \(alternatives(known))")
        return nil
    }
}

extension Document {
    /// Says of which type a value must be, and how it is written if quotes are all that is missing.
    func message(about value: Value, of key: String, mustBe type: String) -> String {
        let text = String(decoding: bytes[value.bytes], as: UTF8.self)
        switch value.content {
        case .integer, .float, .boolean, .dateTime:
            return "\(key) is \(text), but must be \(type): \(Writing.key(key)) = \(Writing.string(text))"
        case .string, .array, .table: return "\(key) is \(shown(value)), but must be \(type)"
        }
    }
}
