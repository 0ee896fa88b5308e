/// A property that is better applied together with others: all packages of a run in one transaction.
public protocol Batchable: Property {
    /// What they have in common. Those with the same batch are applied together, whatever their types.
    var batch: String { get }

    /// Applies this property and `others`.
    ///
    /// Only those whose requirements hold already are among `others`. One that is still unmet afterwards has its turn
    /// later, alone; so this may leave out what cannot be done yet.
    func apply(with others: [any Batchable], on machine: Machine) async throws
}

extension Batchable {
    public func apply(on machine: Machine) async throws { try await apply(with: [], on: machine) }
}
