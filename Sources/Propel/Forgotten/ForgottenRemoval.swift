extension HostOperation {
    private static let forgottenName = "forgotten"
    private static let removalName = "remove what is forgotten"
    private static let namesKey = "names"

    /// Asks what is on the machine and no longer declared; answered with an array of ``Forgotten``.
    public static let forgotten = HostOperation(forgottenName)

    /// Removes what is on the machine and no longer declared.
    /// - Parameter names: those of ``Forgotten``, or without the kind where that is unique.
    public static func removeForgotten(_ names: [String]) -> HostOperation {
        HostOperation(removalName, arguments: [namesKey: JSON.array(names.map(JSON.string)).description])
    }

    var isQuestionForForgotten: Bool { name == Self.forgottenName }

    /// The names that the operation removes; nil if it is another operation.
    var forgottenToRemove: [String]? {
        get throws {
            guard name == Self.removalName else { return nil }
            guard let text = arguments[Self.namesKey], let names = try JSON(line: text).array else {
                throw MalformedMessage(message: json.description)
            }
            return try names.map { name in
                guard let name = name.string else { throw MalformedMessage(message: json.description) }
                return name
            }
        }
    }
}

/// Nothing is left of something that a run has put in place and that is no longer declared.
struct ForgottenRemoval: Property {
    typealias Target = UnixLike

    /// As the user gives it.
    let given: String
    /// The subjects of all claims of the host.
    let declared: Set<String>

    var name: String { "no \(given)" }

    func check(on machine: Machine) async throws -> Check {
        let record = try PlacedRecord(on: machine)
        let placed = try await find(in: record, on: machine)
        guard try await record.isLeft(placed, on: machine) else { return .satisfied }
        if placed.kind == .user { try refuseOwnUser(placed.name, machine) }
        guard placed.kind == .path else { return .unmet(placed.kind == .unit ? "stop and disable" : "remove") }
        let path = FilePath(placed.name)
        guard try machine.originals.has(path) else {
            throw Failure(
                "no original of \(path) is kept, so it cannot be restored",
                advice: "Look at what it is, then remove it by hand, or declare \(try placed.removal(on: machine)).")
        }
        return .unmet(try machine.originals.wasAbsent(path) ? "remove" : "restore what was there before")
    }

    func apply(on machine: Machine) async throws {
        var record = try PlacedRecord(on: machine)
        let placed = try await find(in: record, on: machine)
        // First: a restored original must not count as what was put in its place.
        try record.beginRemoval(of: placed, on: machine)
        switch placed.kind {
        case .path: try await restore(FilePath(placed.name), on: machine)
        case .package: try await PackageRemoval(package: placed.name).perform(on: machine)
        case .user: try await machine.run("userdel", "--", placed.name)
        case .unit: try await machine.run("systemctl", "disable", "--now", "--", placed.name)
        }
    }

    private func refuseOwnUser(_ login: String, _ machine: Machine) throws {
        guard login == machine.invoker || login == "root" else { return }
        throw Failure(
            "\(login) is the user that this run logged in as", advice: "Set another `user` for the host in hosts.conf.")
    }

    /// A unit is stopped before its file is gone, since systemd would no longer know how.
    private func restore(_ path: FilePath, on machine: Machine) async throws {
        let isUnit = path.removingLastComponent() == "/etc/systemd/system"
        if isUnit, try machine.originals.wasAbsent(path), let unit = path.lastComponent?.string {
            // Of a template or a drop-in there is nothing to stop.
            _ = try await machine.run(Invocation("systemctl", ["disable", "--now", "--", unit]))
        }
        try machine.originals.restore(path)
        if isUnit { try await machine.run("systemctl", "daemon-reload") }
    }

    /// - Throws: ``Failure`` if nothing has the name, or several things do.
    private func find(in record: PlacedRecord, on machine: Machine) async throws -> Placed {
        let all = record.undeclared(besides: declared)
        let found = all.filter { $0.description == given || $0.name == given }
        if found.count == 1 { return found[0] }
        if let exact = found.first(where: { $0.description == given }) { return exact }
        guard found.isEmpty else {
            throw Failure(
                "“\(given.escaped)” is ambiguous",
                advice: "Say which: \(found.map { "“\($0.description)”" }.joined(separator: " or ")).")
        }
        if record.entries.keys.contains(where: { $0.description == given || $0.name == given }) {
            throw Failure(
                "“\(given.escaped)” is declared, so the next run would bring it back",
                advice: "Remove its declaration first.")
        }
        let left = try await record.forgotten(besides: declared, on: machine).map(\.name)
        throw Failure(
            "nothing called “\(given.escaped)” was put in place by a run and is no longer declared",
            advice: left.isEmpty
                ? "There is nothing of that kind here." : "There is: \(left.joined(separator: ", ")).")
    }
}

/// The removal of a package, and of nothing that depends on it.
private struct PackageRemoval {
    let package: String

    /// The command, which waits for other runs of apt.
    private func invocation(_ options: [String]) -> Invocation {
        Invocation("apt-get", ["-o", "DPkg::Lock::Timeout=300"] + options + ["remove", "--", package])
    }

    func perform(on machine: Machine) async throws {
        let simulation = try await machine.succeed(invocation(["--simulate"]))
        let others = simulation.text.nonEmptyLines.compactMap { line -> String? in
            let words = line.split(separator: " ")
            guard words.count > 1, words[0] == "Remv", words[1] != package else { return nil }
            return String(words[1])
        }
        guard others.isEmpty else {
            throw Failure(
                "other packages depend on \(package): \(others.joined(separator: ", "))",
                advice: "Remove them first, or declare Apt.Absent with all of them.")
        }
        try await machine.succeed(invocation(["--yes"]))
    }
}
