/// A directory with this mode and owner. What is in it is left alone.
///
/// - Note: A link to a directory is refused: declare the directory that it points to.
public struct Directory: Revertible {
    public typealias Target = UnixLike

    public let path: FilePath
    /// The permission bits.
    public let mode: Permissions
    public let owner: String
    /// The owner's primary group where it is nil.
    public let group: String?

    /// - Parameters:
    ///   - path: absolute. The directory above it must exist, or be declared before.
    ///   - mode: the permission bits; 0755 by default.
    ///   - owner: the name of a user; root by default.
    ///   - group: the name of a group; root by default, or the owner's primary group where another owner is given.
    public init(_ path: FilePath, mode: Permissions = 0o755, owner: String = "root", group: String? = nil) {
        self.path = path
        self.mode = mode
        self.owner = owner
        self.group = group ?? (owner == "root" ? "root" : nil)
    }

    public var name: String { "directory \(path)" }

    public var claims: [Claim] {
        let state = "directory, mode \(octal(mode)), owner \(owner):\(group ?? "")"
        return [.path(path, is: state, summary: state)]
    }

    public func check(on machine: Machine) async throws -> Check {
        try requirePlausible(path, mode: mode)
        guard let found = try machine.files.status(of: path) else { return .unmet("absent") }
        try refuseOther(found)
        return .unmet(
            unlessEmpty: try await differences(of: found, mode: mode, owner: owner, group: group, on: machine))
    }

    public func apply(on machine: Machine) async throws {
        let owner = try await machine.owner(user: owner, group: group)
        guard let found = try machine.files.status(of: path) else {
            try machine.originals.keep(path)
            return try machine.files.createDirectory(path, mode: mode, owner: owner)
        }
        try refuseOther(found)
        try machine.originals.keep(path)
        try machine.files.setOwner(owner, mode: mode, of: path, expecting: found)
    }

    public func checkReverted(on machine: Machine) async throws -> Check {
        try machine.originals.has(path) ? .unmet("\(path) is to be as it was before") : .satisfied
    }

    /// Removes the directory if it was made here and is empty, or gives it back its mode and owner.
    public func revert(on machine: Machine) async throws {
        do {
            try machine.originals.restore(path)
        } catch let error as FileError where error.cause == .directoryNotEmpty {
            throw Failure(
                "\(path) is not empty", advice: "What is in it was put there by others: move it away, then run again.")
        }
    }

    private func refuseOther(_ found: FileStatus) throws {
        guard found.kind == .directory else {
            throw Failure(
                "\(path) is a \(found.kind.rawValue), and a directory is declared in its place",
                advice: "Move it away, or declare another path.")
        }
    }
}
