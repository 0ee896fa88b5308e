import PlainText
import Propel
import TOML
import Vocabulary

/// Reads all hosts and the table `fleet`, and collects everything that is wrong with them.
struct FileReader {
    let document: Document
    let roles: [Role]
    private(set) var hosts: [MachineEntry] = []
    private(set) var policy = FleetPolicy()
    private(set) var builders: [Architecture: Builder] = [:]
    private(set) var problems: [HostsConf.Problem] = []
    /// The name of every host with the line of its header, also of those that have problems.
    private var names: [(name: String, line: Int)] = []

    /// The table that is not a host.
    static let fleetTable = "fleet"

    init(document: Document, roles: [Role]) {
        self.document = document
        self.roles = roles
    }

    mutating func read() {
        for assignment in document.sections.first?.assignments ?? [] {
            refuse(assignment.position.line, problem(ofTopLevel: assignment))
        }
        let headers = document.sections.compactMap(\.header)
        let tables = Set(headers.filter { $0.path.count == 1 }.map { $0.path[0].name })
        for header in headers { read(header, tables: tables) }
        refuseUnknownOrigins()
        refuseSharedAddresses()
        readFleet()
    }

    /// - Parameter tables: The names of all tables at the top level.
    private mutating func read(_ header: Header, tables: Set<String>) {
        guard let name = header.path.first?.name else { return }
        if header.path.count == 1 {
            if header.isArrayElement {
                refuse(header.position.line, "a host is a single table: write \(Self.header(name))")
            } else if name != Self.fleetTable {
                readHost(named: name, header)
            }
        } else if tables.contains(name) || name == Self.fleetTable {
            // Read with its host.
        } else if header.path.allSatisfy(\.isBare) {
            let name = header.names.joined(separator: ".")
            refuse(header.position.line, "a host name with a dot must be in quotes: \(Self.header(name))")
            if !header.isArrayElement { readHost(named: name, header) }
        } else {
            refuse(
                header.position.line,
                "this table belongs to the host \(name.quoted), which has no entry: add \(Self.header(name))")
        }
    }

    private mutating func refuse(_ line: Int, _ message: String) {
        problems.append(HostsConf.Problem(line: line, message: message))
    }

    /// `["name"]`, or `[name]` where it needs no quotes.
    static func header(_ name: String) -> String { "[\(Writing.key(name))]" }

    private func problem(ofTopLevel assignment: Assignment) -> String {
        let name = assignment.path[0].name
        if case .table = document.root[name]?.content {
            return "the host \(name.quoted) needs a header: write \(Self.header(name))"
        }
        return "\(name.quoted) does not belong to a host: add a header such as [\"demo.sandbox\"] above it"
    }

    // MARK: Hosts

    private mutating func readHost(named name: String, _ header: Header) {
        let line = header.position.line
        if name.isEmpty {
            refuse(line, "the name of the host is empty")
        } else if let problem = ConnectionSyntax.problem(inHost: name) {
            refuse(line, "invalid host name \(name.quoted): \(problem)")
        } else if let other = names.first(where: { $0.name.lowercased() == name.lowercased() }) {
            let spelling = other.name == name ? "" : " as \(other.name.quoted)"
            refuse(
                line,
                "the host \(name.quoted) is already in line \(other.line)\(spelling): "
                    + "rename or remove one of them (ssh ignores case)")
        }
        names.append((name, line))
        var reader = EntryReader(name: name, path: header.names, line: line, document: document, roles: roles)
        if let host = reader.read() { hosts.append(host) }
        problems += reader.problems
    }

    private mutating func refuseUnknownOrigins() {
        for host in hosts {
            guard let origin = host.entry.from else { continue }
            refuseUnknownHost(origin, in: "from", line: line(of: "from", in: host))
        }
    }

    /// The line of a key in the entry of a host; that of the header if it is not there.
    private func line(of key: String, in host: MachineEntry) -> Int {
        let section = document.sections.first { $0.header?.position.line == host.line }
        return section?.assignments.first { $0.names == [key] }?.position.line ?? host.line
    }

    private mutating func refuseUnknownHost(_ name: String, in key: String, line: Int) {
        let known = names.map(\.name)
        guard !known.contains(name) else { return }
        refuse(
            line, "\(key) names the unknown host \(name.quoted)" + suggestion(for: name, among: known, called: "hosts"))
    }

    /// Two entries for one machine would undo each other's changes.
    ///
    /// The port and the jump hosts belong to the address: behind them may be different machines.
    private mutating func refuseSharedAddresses() {
        var first: [[String]: MachineEntry] = [:]
        for host in hosts where host.sandbox == nil {
            let address = host.connection.address ?? host.entry.name
            let name = address.hasSuffix(".") ? String(address.dropLast()) : address
            let place = [name.lowercased(), "\(host.connection.port ?? 22)", host.connection.proxyJump ?? ""]
            guard let other = first[place] else {
                first[place] = host
                continue
            }
            // Two spellings of one name are reported already.
            if other.entry.name.lowercased() == host.entry.name.lowercased() { continue }
            refuse(
                line(of: "address", in: host),
                "\(host.entry.name.quoted) has the address of \(other.entry.name.quoted) in line \(other.line), "
                    + "\(address.quoted): keep one of the two entries")
        }
    }

    // MARK: The fleet

    private mutating func readFleet() {
        guard case .table(let table)? = document.root[Self.fleetTable]?.content else { return }
        let known = ["require-clean", "require-signed", "sdks", "build-hosts"]
        for entry in table.entries where !known.contains(entry.key.name) {
            refuse(
                entry.key.position.line,
                "unknown key \(entry.key.name.quoted) in [fleet]"
                    + suggestion(for: entry.key.name, among: known, called: "keys"))
        }
        policy.requireClean = hostSet("require-clean", in: table)
        policy.requireSigned = hostSet("require-signed", in: table)
        readBuilders(in: table)
    }

    private mutating func readBuilders(in table: Table) {
        var lines: [Architecture: Int] = [:]
        for (architecture, sdk, line) in byArchitecture("sdks", in: table) {
            if let problem = Self.problem(inSDK: sdk) { refuse(line, "invalid SDK \(sdk.quoted): \(problem)") }
            builders[architecture] = .sdk(sdk)
            lines[architecture] = line
        }
        for (architecture, name, line) in byArchitecture("build-hosts", in: table) {
            refuseUnknownHost(name, in: "build-hosts", line: line)
            if let other = lines[architecture] {
                refuse(line, "\(architecture.rawValue) already has an SDK in line \(other): keep one of the two")
            }
            builders[architecture] = .host(name)
        }
    }

    /// The strings of a table whose keys are architectures.
    private mutating func byArchitecture(
        _ key: String, in table: Table
    ) -> [(architecture: Architecture, text: String, line: Int)] {
        guard let entry = table.entry(named: key) else { return [] }
        guard case .table(let values) = entry.value.content else {
            refuse(
                entry.key.position.line,
                "\(key) is \(document.shown(entry.value)), but must be a table: \(key) = { aarch64 = \"…\" }")
            return []
        }
        return values.entries.compactMap { entry in
            let name = entry.key.name, line = entry.key.position.line
            guard let architecture = Architecture(rawValue: name) else {
                let known = Architecture.allCases.map(\.rawValue).sorted()
                refuse(line, "unknown architecture \(name.quoted) in \(key): use \(alternatives(known))")
                return nil
            }
            guard case .string(let text) = entry.value.content else {
                refuse(line, document.message(about: entry.value, of: name, mustBe: "a string"))
                return nil
            }
            return (architecture, text, line)
        }
    }

    /// The problem of the id of an SDK, which becomes an argument and the name of a folder.
    private static func problem(inSDK id: String) -> String? {
        if id.isEmpty { return "it is empty" }
        if id.hasPrefix("-") || id.hasPrefix(".") { return "it begins with “\(id.prefix(1))”" }
        let isPlain = id.utf8.allSatisfy { $0.isASCIILetterOrDigit || "._+-".utf8.contains($0) }
        return isPlain ? nil : "use letters, digits, “.”, “_”, “+” and “-” (`swift sdk list` prints the ids)"
    }

    private mutating func hostSet(_ key: String, in table: Table) -> Set<String> {
        guard let entry = table.entry(named: key) else { return [] }
        guard let list = entry.value.strings else {
            refuse(
                entry.key.position.line,
                "\(key) is \(document.shown(entry.value)), but must be a list of hosts, or \"*\" for all")
            return []
        }
        for (name, line) in list where name != "*" { refuseUnknownHost(name, in: key, line: line) }
        return Set(list.map(\.text))
    }
}
