/// A symbolic link to `destination`, which need not exist.
public struct SymbolicLink: Revertible {
    public typealias Target = UnixLike

    public let path: FilePath
    /// The text of the link: an absolute path, or one relative to the directory of the link.
    public let destination: String

    /// - Parameters:
    ///   - path: absolute. Its directory must exist, or be declared before. Another link there is replaced; anything
    ///     else is refused.
    ///   - destination: absolute, or relative to the directory of the link.
    public init(_ path: FilePath, to destination: String) {
        self.path = path
        self.destination = destination
    }

    public var name: String { "link \(path)" }
    public var claims: [Claim] { [.path(path, is: "link to \(destination)", summary: "a link to \(destination)")] }
    public var problems: [String] { problem(in: validate).map { [$0] } ?? [] }

    public func check(on machine: Machine) async throws -> Check {
        try validate()
        guard let found = try machine.files.status(of: path) else {
            try await machine.requireDirectory(of: path)
            return .unmet("create, pointing to \(destination)")
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

    public func checkReverted(on machine: Machine) async throws -> Check { try machine.checkRestored([path]) }
    public func revert(on machine: Machine) async throws { try machine.originals.restore(path) }

    private func validate() throws {
        try validateAbsolute(path)
        guard !destination.isEmpty else {
            throw Failure(
                "the link \(path) has no destination", advice: "Give one, absolute or relative to the link.")
        }
    }

    private func refuseOther(_ found: FileStatus) throws {
        guard found.kind == .link else {
            throw Failure(
                "\(path) is a \(found.kind.rawValue), and a link is declared there",
                advice: "Move it away, or declare another path.")
        }
    }
}

extension Machine {
    /// Whether the originals of these paths have been restored.
    func checkRestored(_ paths: [FilePath]) throws -> Check {
        .unmet(unlessEmpty: try paths.filter { try originals.has($0) }.map { "restore the original \($0)" })
    }
}
