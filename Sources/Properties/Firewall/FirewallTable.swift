/// The rules in their file and in the kernel.
struct FirewallTable: Revertible, HostDependent, Guarded {
    typealias Target = DebianLike

    static let path: FilePath = "/etc/propel/firewall.nft"
    static let package = Apt.Installed("nftables")
    /// The record of the rules that were loaded: the hash of the file, and that of what nft then listed.
    private static let record = Machine.state.appending("firewall.json")

    let rules: [Firewall.Rule]
    let incoming: Firewall.Policy
    let outgoing: Firewall.Policy
    let forwarded: Firewall.Policy
    let filtersDocker: Bool
    /// The ports that the host declares.
    private(set) var declared: [DeclaredPort] = []

    func adapted(to steps: [Step]) -> FirewallTable {
        var table = self
        table.declared = steps.flatMap(\.declaredPorts)
        return table
    }

    var name: String { "firewall rules" }
    var claims: [Claim] {
        let text = text(of: declared)
        return [Claim("the firewall", is: text, summary: "\(rules.count) \(rules.count == 1 ? "rule" : "rules")")]
            + file(of: declared).claims
    }
    var problems: [String] { problems(in: validate) }

    private func validate() throws { for rule in rules { try rule.validate() } }

    /// - Throws: ``Failure`` if the rules would not let the present connection in, or another firewall is active.
    func check(on machine: Machine) async throws -> Check {
        try validate()
        try refuseOtherFirewalls(on: machine)
        let declared = try await presentPorts(on: machine), file = file(of: declared)
        var check = try await file.check(on: machine, createsDirectory: true)
        if check == .satisfied, let reason = try await reasonToLoad(on: machine) { check = .unmet(reason) }
        if check != .satisfied { try await refuseLockout(declared, on: machine) }
        return check
    }

    func apply(on machine: Machine) async throws {
        try validate()
        try refuseOtherFirewalls(on: machine)
        let declared = try await presentPorts(on: machine)
        try await refuseLockout(declared, on: machine)
        try await file(of: declared).apply(on: machine, createsDirectory: true)
        try await machine.succeed(NftCommand.load(Self.path))
        let loaded = try await machine.succeed(NftCommand.list)
        try remember(loaded.output, on: machine)
    }

    func checkReverted(on machine: Machine) async throws -> Check {
        let file = try await file(of: []).checkReverted(on: machine, removesDirectory: true)
        guard file == .satisfied, try machine.files.status(of: Self.record) != nil else { return file }
        return .unmet("remove the rules from the kernel")
    }

    func revert(on machine: Machine) async throws {
        let result = try await machine.run(NftCommand.delete)
        // Without nft nobody has loaded anything since the last boot.
        guard result.succeeded || result.ending == .notFound else {
            throw CommandFailure(command: NftCommand.delete, result: result)
        }
        try await file(of: []).revert(on: machine, removesDirectory: true)
        try machine.files.remove(Self.record)
    }

    /// The rules that the kernel has now, whatever the file says.
    func restoration(on machine: Machine) async throws -> Restoration {
        let present = try await machine.run(NftCommand.list)
        return Restoration(
            paths: [Self.record], commands: [NftCommand.replace(with: present.succeeded ? present.output : [])])
    }

    private func file(of declared: [DeclaredPort]) -> File {
        File(Self.path, text(of: declared)) { NftCommand.check($0) }
    }

    /// The declared ports whose conditions this machine meets.
    private func presentPorts(on machine: Machine) async throws -> [DeclaredPort] {
        var present: [DeclaredPort] = []
        for port in declared where try await port.isPresent(on: machine) { present.append(port) }
        return present
    }

    // MARK: - The kernel

    /// Why the file has to be loaded; nil if the kernel has its rules.
    private func reasonToLoad(on machine: Machine) async throws -> String? {
        let file = try machine.files.hash(of: Self.path)
        guard let bytes = try machine.files.readIfPresent(Self.record), let record = try? JSON(parsing: bytes),
            record["file"]?.string == file, let loaded = record["loaded"]?.string
        else { return "load the rules" }
        let listing = try await machine.run(NftCommand.list)
        guard listing.succeeded else { return "load the rules: the kernel has none of them" }
        return SHA256.hash(listing.output) == loaded ? nil : "load the rules: those in the kernel are different"
    }

    private func remember(_ listing: [UInt8], on machine: Machine) throws {
        let record: JSON = [
            "file": .string(try machine.files.hash(of: Self.path)), "loaded": .string(SHA256.hash(listing)),
        ]
        try machine.files.replacePrivate(Self.record, with: Array(record.description.utf8))
    }

    // MARK: - Others

    /// A packet has to pass the rules of both.
    private func refuseOtherFirewalls(on machine: Machine) throws {
        let ufw = try machine.files.readIfPresent("/etc/ufw/ufw.conf") ?? []
        let isActive = String(decoding: ufw, as: UTF8.self).lines.contains { line in
            line.lowercased().filter { $0 != " " && $0 != "\"" } == "enabled=yes"
        }
        let hasProgram = try machine.files.status(of: "/usr/sbin/ufw") != nil
        if isActive, hasProgram { throw Self.conflict(with: "ufw", advice: "`ufw disable`") }
        let firewalld: FilePath = "/etc/systemd/system/multi-user.target.wants/firewalld.service"
        guard try machine.files.status(of: firewalld) != nil,
            try machine.files.status(of: "/usr/sbin/firewalld") != nil
        else { return }
        throw Self.conflict(with: "firewalld", advice: "`systemctl disable --now firewalld`")
    }

    private static func conflict(with other: String, advice: String) -> Failure {
        Failure(
            "\(other) is active, and a packet has to pass its rules too",
            advice: "\(advice) on the machine, or declare Apt.Absent(\"\(other)\") before the firewall.")
    }
}

/// Invocations of nft(8).
enum NftCommand {
    static let program = "/usr/sbin/nft"

    static func check(_ file: FilePath) -> Invocation { Invocation(program, ["--check", "--file", file.string]) }
    static func load(_ file: FilePath) -> Invocation { Invocation(program, ["--file", file.string]) }

    /// Lists the rules without counters and without the addresses that limits have collected.
    static let list = Invocation(
        program, ["--numeric", "--stateless", "--terse", "list", "table", "inet", "propel"])

    /// Deletes the table, whether there is one or not.
    static let delete = replace(with: [])

    /// Puts a table that was listed in place of the present one, whether there is one or not.
    static func replace(with listing: [UInt8]) -> Invocation {
        Invocation(
            program, ["--file", "-"], input: Array("table inet propel\ndelete table inet propel\n".utf8) + listing)
    }
}
