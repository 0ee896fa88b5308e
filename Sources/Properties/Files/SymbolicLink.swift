/// A symbolic link to `destination`, which need not exist.
public struct SymbolicLink: Revertible {
    public typealias Target = UnixLike

    public let path: FilePath
    /// What is in the link: absolute, or relative to the directory that the link is in.
    public let destination: String

    /// - Parameters:
    ///   - path: absolute. Its directory must exist, or be declared before. Another link there is replaced; anything else is
    ///     refused.
    ///   - destination: absolute, or relative to the directory that the link is in.
    public init(_ path: FilePath, to destination: String) {
        self.path = path
        self.destination = destination
    }

    public var name: String { "link \(path)" }
    public var claims: [Claim] { [.path(path, is: "link to \(destination)", summary: "a link to \(destination)")] }

    public func check(on machine: Machine) async throws -> Check {
        try requirePlausible(path, mode: 0o777)
        guard !destination.isEmpty else {
            throw Failure(
                "the link \(path) points nowhere", advice: "Give a destination, absolute or relative to the link.")
        }
        guard let found = try machine.files.status(of: path) else {
            return .unmet("absent, is to point to \(destination)")
        }
        try refuseOther(found)
        let present = try machine.files.destination(ofLink: path)
        return present == destination ? .satisfied : .unmet("points to \(present) → \(destination)")
    }

    public func apply(on machine: Machine) async throws {
        if let found = try machine.files.status(of: path) { try refuseOther(found) }
        try machine.originals.keep(path)
        try machine.files.createLink(path, to: destination)
    }

    public func checkReverted(on machine: Machine) async throws -> Check {
        try machine.originals.has(path) ? .unmet("\(path) is to be as it was before") : .satisfied
    }

    public func revert(on machine: Machine) async throws { try machine.originals.restore(path) }

    private func refuseOther(_ found: FileStatus) throws {
        guard found.kind == .link else {
            throw Failure(
                "\(path) is a \(found.kind.rawValue), and a link is declared in its place",
                advice: "Move it away, or declare another path.")
        }
    }
}
