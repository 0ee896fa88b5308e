/// The program that a general name means, of several that are installed (update-alternatives(1)).
///
///     Alternative("editor", "/usr/bin/vim.basic").requires(Apt.Installed("vim"))
///
/// Without it, the alternative with the highest priority is used, and changes with what is installed. A revert goes
/// back to that.
public struct Alternative: Revertible {
    public typealias Target = DebianLike

    public let id: String
    public let path: FilePath

    /// - Parameters:
    ///   - id: the name: `editor`, `php`, `iptables`.
    ///   - path: the alternative, as `update-alternatives --list NAME` prints it.
    public init(_ id: String, _ path: FilePath) {
        self.id = id
        self.path = path
    }

    public var name: String { "alternative \(id)" }
    public var claims: [Claim] { [Claim("the alternative \(id)", is: path.string)] }
    public var problems: [String] { problems(in: validate) }

    /// - Throws: ``Undetermined`` if no package has brought this alternative yet.
    public func check(on machine: Machine) async throws -> Check {
        guard let state = try state(on: machine), state.paths.contains(path.string) else {
            throw Undetermined(until: "\(path) is an alternative of \(id)")
        }
        let present = try present(on: machine)
        guard present == path.string else { return .unmet("\(present ?? "none") → \(path)") }
        return state.isManual ? .satisfied : .unmet("keep \(path), whatever is installed")
    }

    public func apply(on machine: Machine) async throws {
        try validate()
        try await machine.run("update-alternatives", "--set", id, path.string)
    }

    public func checkReverted(on machine: Machine) async throws -> Check {
        try state(on: machine)?.isManual == true
            ? .unmet("\(try present(on: machine) ?? "none") → automatic") : .satisfied
    }

    public func revert(on machine: Machine) async throws {
        try await machine.run("update-alternatives", "--auto", id)
    }

    /// The destination of the link; nil if there is no link.
    private func present(on machine: Machine) throws -> String? {
        let link = FilePath("/etc/alternatives").appending(id)
        guard try machine.files.status(of: link)?.kind == .link else { return nil }
        return try machine.files.destination(ofLink: link)
    }

    /// dpkg's record: `auto` or `manual` first, and the paths among the other lines.
    private func state(on machine: Machine) throws -> (isManual: Bool, paths: [String])? {
        try validate()
        let record = FilePath("/var/lib/dpkg/alternatives").appending(id)
        guard let bytes = try machine.files.readIfPresent(record) else { return nil }
        let lines = String(decoding: bytes, as: UTF8.self).lines.map(String.init)
        return (lines.first == "manual", lines.filter { $0.hasPrefix("/") })
    }

    private func validate() throws {
        try validateAbsolute(path)
        guard !id.isEmpty, !id.hasPrefix("-"), !id.hasPrefix("."),
            id.utf8.allSatisfy({ $0.isASCIILetterOrDigit || "-_+.".utf8.contains($0) })
        else {
            throw Failure("invalid name of an alternative “\(id.escaped)”", advice: "Write one such as editor.")
        }
    }
}
