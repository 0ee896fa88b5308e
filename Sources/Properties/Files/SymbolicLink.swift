/// A symbolic link to `destination`, which need not exist.
///
///     SymbolicLink("/srv/app/current", to: "releases/7", owner: "app")
///     SymbolicLink("/etc/resolv.conf", to: "/run/systemd/resolve/stub-resolv.conf", replacesFile: true)
public struct SymbolicLink: Revertible {
    public typealias Target = UnixLike

    public let path: FilePath
    /// The text of the link: an absolute path, or one relative to the directory of the link.
    public let destination: String
    /// The owner of the link itself; nil leaves it as it is.
    public let owner: String?
    /// The name of the group; nil for the primary group of the owner.
    public let group: String?
    public let replacesFile: Bool

    /// - Parameters:
    ///   - path: absolute. Its directory must exist, or be declared before. Another link there is replaced; anything
    ///     else is refused.
    ///   - destination: absolute, or relative to the directory of the link.
    ///   - owner: the name of the user, or the UID, that owns the link itself; by default root for a new one, and the
    ///     present owner of another.
    ///   - group: the name of a group, or a GID; the owner's primary group by default.
    ///   - replacesFile: whether a file, or an empty directory, in its place is replaced too; no by default. A file is
    ///     kept first, so that a revert restores it.
    public init(
        _ path: FilePath, to destination: String, owner: String? = nil, group: String? = nil, replacesFile: Bool = false
    ) {
        self.path = path
        self.destination = destination
        self.owner = owner
        self.group = group
        self.replacesFile = replacesFile
    }

    public var name: String { "link \(path)" }
    public var claims: [Claim] {
        let owner = owner.map { " of \($0):\(group ?? "")" } ?? ""
        return [.path(path, is: "link to \(destination)\(owner)", summary: "a link to \(destination)\(owner)")]
    }
    public var problems: [String] { problems(in: validate) }

    public func check(on machine: Machine) async throws -> Check {
        try validate()
        guard let found = try machine.files.status(of: path) else {
            try await machine.requireDirectory(of: path)
            return .unmet("create, pointing to \(destination)")
        }
        try refuseOther(found, machine)
        guard found.kind == .link else { return .unmet("\(found.kind.words) → link to \(destination)") }
        let present = try machine.files.destination(ofLink: path)
        var reasons = present == destination ? [] : ["points to \(present) → \(destination)"]
        if let owner {
            // The mode of a link has no meaning.
            let mode = FileMode(found.mode)
            reasons += try await machine.differences(of: found, mode: mode, owner: owner, group: group)
        }
        return .unmet(unlessEmpty: reasons)
    }

    public func apply(on machine: Machine) async throws {
        let found = try machine.files.status(of: path)
        if let found { try refuseOther(found, machine) }
        var wanted = found?.kind == .link ? found?.owner : nil
        if let owner { wanted = try await machine.owner(user: owner, group: group) }
        try machine.originals.keep(path)
        if let found, found.kind != .link { try machine.files.remove(path) }
        try machine.files.createLink(path, to: destination, owner: wanted == .root ? nil : wanted)
    }

    public func checkReverted(on machine: Machine) async throws -> Check { try machine.checkRestored([path]) }
    public func revert(on machine: Machine) async throws { try machine.originals.restore(path) }

    private func validate() throws {
        try validateAbsolute(path)
        guard !destination.isEmpty else {
            throw Failure(
                "the link \(path) has no destination", advice: "Give one, absolute or relative to the link.")
        }
    }

    private func refuseOther(_ found: FileStatus, _ machine: Machine) throws {
        switch found.kind {
        case .link: return
        case .file where replacesFile: return
        case .directory where replacesFile:
            if try machine.files.list(path).isEmpty { return }
        default: break
        }
        throw Failure(
            "\(path) is a \(found.kind.words), and a link is declared there",
            advice: replacesFile
                ? "Move it away, or declare another path."
                : "Move it away, declare another path, or a file may be replaced with replacesFile: true.")
    }
}
