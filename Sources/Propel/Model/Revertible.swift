/// A property that can be reverted.
public protocol Revertible<Target>: Property {
    /// Checks whether nothing of the state is left. Only reads.
    func checkReverted(on machine: Machine) async throws -> Check

    /// Restores what was there before the property was first applied.
    func revert(on machine: Machine) async throws

    /// The claims of the opposite; by default those of the property, reverted. Fewer, if the property is one of several
    /// that bring the same about: with one of them gone, the others remain.
    var revertedClaims: [Claim] { get }
}

extension Revertible {
    /// Returns the opposite: a property that is satisfied when this one is reverted.
    public func reverted() -> Reverted<Self> { Reverted(original: self) }

    public var revertedClaims: [Claim] { claims.map { Claim($0.subject, is: "reverted", summary: "reverted") } }
}

/// A reverted property; see ``Revertible/reverted()``.
public struct Reverted<Original: Revertible>: Property {
    public typealias Target = Original.Target

    let original: Original

    public var name: String { "no \(original.name)" }

    public var claims: [Claim] { original.revertedClaims }

    public var furtherSources: [RepositorySource] { original.furtherSources }

    public func claims(in repository: RepositoryManifest) -> [Claim] {
        original.claims(in: repository).map { Claim($0.subject, is: "reverted", summary: "reverted") }
    }

    public func announce(to machine: Machine) { original.announce(to: machine) }
    public func check(on machine: Machine) async throws -> Check { try await original.checkReverted(on: machine) }
    public func apply(on machine: Machine) async throws { try await original.revert(on: machine) }
}
