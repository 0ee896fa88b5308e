import Vocabulary
import Propel

/// Turns a document into hosts and a policy, and collects all that is wrong on the way.
struct FileReader {
    let document: Document
    let roles: [Role]
    private(set) var hosts: [MachineEntry] = []
    private(set) var policy = FleetPolicy()
    private(set) var builders: [Architecture: Builder] = [:]
    private(set) var problems: [HostsConf.Problem] = []

    /// The table that is no host.
    static let policyTable = "fleet"

    init(document: Document, roles: [Role]) {
        self.document = document
        self.roles = roles
    }

    mutating func read() {
        let headers = document.outline.sections.filter { $0.header != nil }
        let named = Set(headers.compactMap { $0.header?.path.count == 1 ? $0.header?.path[0] : nil })
        var names: [String] = []

        for assignment in document.outline.sections.first?.assignments ?? [] {
            refuse(assignment.line, topLevel(assignment.key.path))
        }
        for section in headers {
            guard let header = section.header, let name = header.path.first else { continue }
            if header.path.count > 1, named.contains(name) || name == Self.policyTable { continue }
            if section.isArrayElement, header.path.count == 1 {
                refuse(section.line, "a host is one table; write \(Self.header(name)) with single brackets")
            } else if header.path.count == 1 {
                if name == Self.policyTable { continue }
                readHost(named: name, at: header.path, line: section.line, otherNames: names)
                names.append(name)
            } else if header.isBare {
                let name = header.path.joined(separator: ".")
                refuse(section.line, "a host name with a dot stands in quotes: \(Self.header(name))")
                if !section.isArrayElement {
                    readHost(named: name, at: header.path, line: section.line, otherNames: names)
                    names.append(name)
                }
            } else {
                refuse(
                    section.line,
                    "belongs to the host \(name.debugDescription), which has no \(Self.header(name)) of its own")
            }
        }
        refuseUnknownOrigins(names: names)
        readPolicy(names: names)
    }

    private mutating func refuseUnknownOrigins(names: [String]) {
        for host in hosts {
            guard let origin = host.entry.from, !names.contains(origin) else { continue }
            let section = document.outline.sections.first { $0.header != nil && $0.line == host.line }
            let line = section?.assignments.first { $0.key.path == ["from"] }?.line ?? host.line
            refuse(
                line,
                "from names an unknown host \(origin.debugDescription)\(suggestion(for: origin, among: names, called: "hosts"))"
            )
        }
    }

    private mutating func refuse(_ line: Int, _ message: String) {
        problems.append(HostsConf.Problem(line: line, message: message))
    }

    /// `["name"]`, or `[name]` where it needs no quotes.
    static func header(_ name: String) -> String { "[\(TOMLText.key(name))]" }

    private func topLevel(_ path: [String]) -> String {
        let name = path[0]
        if case .table = document.root[name] {
            return "write the host \(name.debugDescription) as a table of its own: \(Self.header(name))"
        }
        return "\(name.debugDescription) stands outside of a host; put the host's name above it: [\"demo.sandbox\"]"
    }

    private mutating func readHost(named name: String, at path: [String], line: Int, otherNames: [String]) {
        if let problem = ConnectionSyntax.problem(inHost: name) {
            refuse(line, "the host name \(name.debugDescription) \(problem)")
        } else if let other = otherNames.first(where: { $0.lowercased() == name.lowercased() }) {
            refuse(
                line, "\(name.debugDescription) and \(other.debugDescription) are one name to ssh; keep one of the two")
        }
        var reader = EntryReader(name: name, path: path, line: line, document: document, roles: roles)
        if let host = reader.read() { hosts.append(host) }
        problems += reader.problems
    }

    private mutating func readPolicy(names: [String]) {
        guard case .table(let table)? = document.root[Self.policyTable] else { return }
        let known = ["require-clean", "require-signed", "sdks", "build-hosts"]
        for key in table.keys.sorted() where !known.contains(key) {
            refuse(
                document.outline.line(of: [Self.policyTable, key]) ?? 0,
                "unknown key \(key.debugDescription) in [fleet]\(suggestion(for: key, among: known, called: "keys"))")
        }
        policy.requireClean = hostSet("require-clean", in: table, names: names)
        policy.requireSigned = hostSet("require-signed", in: table, names: names)
        readBuilders(in: table, names: names)
    }

    private mutating func readBuilders(in table: [String: TOMLTree], names: [String]) {
        for (architecture, sdk) in byArchitecture("sdks", of: "ids of Swift SDKs", in: table) {
            if let problem = Self.problem(inSDK: sdk) {
                refuse(line("sdks", architecture.rawValue), "the SDK \(sdk.debugDescription) \(problem)")
            }
            builders[architecture] = .sdk(sdk)
        }
        for (architecture, name) in byArchitecture("build-hosts", of: "names of hosts", in: table) {
            let line = line("build-hosts", architecture.rawValue)
            if !names.contains(name) {
                refuse(
                    line,
                    "build-hosts names an unknown host \(name.debugDescription)\(suggestion(for: name, among: names, called: "hosts"))"
                )
            }
            if builders[architecture] != nil {
                refuse(
                    line, "\(architecture.rawValue) has an SDK already, which builds for it here; keep one of the two")
            }
            builders[architecture] = .host(name)
        }
    }

    /// The strings of a table whose keys are processors.
    private mutating func byArchitecture(
        _ key: String, of what: String, in table: [String: TOMLTree]
    ) -> [(Architecture, String)] {
        let known = Architecture.allCases.map(\.rawValue)
        switch table[key] {
        case nil: return []
        case .table(let values):
            return values.sorted { $0.key < $1.key }.compactMap { name, value in
                guard let architecture = Architecture(rawValue: name) else {
                    refuse(
                        line(key, name),
                        "unknown processor \(name.debugDescription) in \(key)\(suggestion(for: name, among: known, called: "processors"))"
                    )
                    return nil
                }
                guard case .string(let text) = value else {
                    refuse(line(key, name), "\(name) must be a string, in quotes, not \(value.kind)")
                    return nil
                }
                return (architecture, text)
            }
        case let other?:
            refuse(
                line(key), "\(key) must be a table of \(what), such as \(key) = { aarch64 = \"…\" }, not \(other.kind)")
            return []
        }
    }

    private func line(_ path: String...) -> Int {
        let whole = [Self.policyTable] + path
        return document.outline.assignment(to: whole)?.line ?? document.outline.line(of: whole)
            ?? document.outline.assignment(to: Array(whole.dropLast()))?.line ?? document.outline.line(
                of: Array(whole.dropLast())) ?? 0
    }

    /// It becomes an argument and the name of a folder.
    private static func problem(inSDK id: String) -> String? {
        if id.isEmpty { return "is empty" }
        if id.hasPrefix("-") || id.hasPrefix(".") { return "begins with \(id.prefix(1))" }
        let isPlain = id.unicodeScalars.allSatisfy {
            "a"..."z" ~= $0 || "A"..."Z" ~= $0 || "0"..."9" ~= $0 || "._+-".unicodeScalars.contains($0)
        }
        return isPlain ? nil : "has other characters than letters, digits and . _ + -; `swift sdk list` prints the ids"
    }

    private mutating func hostSet(_ key: String, in table: [String: TOMLTree], names: [String]) -> Set<String> {
        guard let value = table[key] else { return [] }
        let assignment = document.outline.assignment(to: [Self.policyTable, key])
        let line = assignment?.line ?? 0
        guard let list = value.strings else {
            refuse(line, "\(key) must be a list of host names, or \"*\", not \(value.kind)")
            return []
        }
        for (index, name) in list.enumerated() where name != "*" && !names.contains(name) {
            let elements = assignment?.elementLines ?? []
            refuse(
                index < elements.count ? elements[index] : line,
                "\(key) names an unknown host \(name.debugDescription)\(suggestion(for: name, among: names, called: "hosts"))"
            )
        }
        return Set(list)
    }
}

extension TOMLTree {
    /// A list of strings, or the one string that stands for a list of one.
    var strings: [String]? {
        switch self {
        case .string(let value): return [value]
        case .array(let values):
            let strings = values.compactMap { if case .string(let value) = $0 { value } else { nil } }
            return strings.count == values.count ? strings : nil
        default: return nil
        }
    }
}
