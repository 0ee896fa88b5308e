/// The record of what runs have put on a machine. An entry is kept until the thing is gone, and so longer than its
/// declaration.
///
/// In `/var/lib/propel/placed.json`, readable by root only. It is written before the changes: what a killed run leaves
/// is in it.
struct PlacedRecord: Sendable {
    static let path = Machine.state.appending("placed.json")

    /// The things that were put in place, each with whether its removal has begun.
    private(set) var entries: [Placed: Bool] = [:]

    /// The record of the machine; empty before a run has put anything in place.
    /// - Throws: ``Failure`` if it is damaged: what it told would be lost with the next change of it.
    init(on machine: Machine) throws {
        guard let bytes = try machine.files.readIfPresent(Self.path) else { return }
        guard let object = (try? JSON(parsing: bytes))?.object else {
            throw Failure(
                "damaged record \(Self.path) of what runs have put in place", advice: "Remove it, then run again.")
        }
        for (key, value) in object {
            if let placed = Placed(description: key) { entries[placed] = value.bool ?? false }
        }
    }

    mutating func add(_ placed: some Sequence<Placed>, on machine: Machine) throws {
        try change(on: machine) { entries in for one in placed { entries[one] = false } }
    }

    mutating func beginRemoval(of placed: Placed, on machine: Machine) throws {
        try change(on: machine) { $0[placed] = true }
    }

    mutating func forget(_ placed: some Sequence<Placed>, on machine: Machine) throws {
        try change(on: machine) { entries in for one in placed { entries[one] = nil } }
    }

    private mutating func change(on machine: Machine, _ body: (inout [Placed: Bool]) -> Void) throws {
        let before = entries
        body(&entries)
        guard entries != before else { return }
        let members = entries.map { ($0.key.description, JSON.bool($0.value)) }
        try machine.files.writeRecord(.object(Dictionary(uniqueKeysWithValues: members)), to: Self.path)
    }
}

extension PlacedRecord {
    /// The things that are on the machine and no longer declared, sorted.
    /// - Parameter declared: the subjects of all claims of the host.
    func forgotten(besides declared: Set<String>, on machine: Machine) async throws -> [Forgotten] {
        var found: [Forgotten] = []
        for placed in undeclared(besides: declared) where try await isLeft(placed, on: machine) {
            found.append(Forgotten(name: placed.description, removal: try placed.removal(on: machine)))
        }
        return found
    }

    /// The things that are no longer declared, whether they are still there or not, sorted.
    func undeclared(besides declared: Set<String>) -> [Placed] {
        entries.keys.filter { !declared.contains($0.subject) }
            .sorted { ($0.description, $0.name) < ($1.description, $1.name) }
    }

    /// Whether something is on the machine, and is not the original that was restored.
    func isLeft(_ placed: Placed, on machine: Machine) async throws -> Bool {
        if entries[placed] == true, placed.kind == .path, try !machine.originals.has(FilePath(placed.name)) {
            return false
        }
        return try await placed.exists(on: machine)
    }
}

/// Something that a run has put in place, that is still there, and that is no longer declared.
public struct Forgotten: Sendable, Hashable {
    /// `/etc/motd`, `package git`, `user ben`, `unit docker.service`.
    public var name: String
    /// The line of Swift that removes it.
    public var removal: String

    public init(name: String, removal: String) {
        self.name = name
        self.removal = removal
    }
}

extension Forgotten {
    public var json: JSON { ["name": .string(name), "removal": .string(removal)] }

    public init(_ json: JSON) throws {
        self.init(name: try json.text("name"), removal: try json.text("removal"))
    }
}

extension Host {
    /// The subjects of all claims, whatever machines they are for.
    func claimedSubjects(in repository: RepositoryManifest) -> Set<String> {
        Set(steps.flatMap { $0.claims(in: repository).map(\.subject) })
    }
}
