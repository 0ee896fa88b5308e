/// A property that is applied together with others of its kind: all packages of a run in one transaction.
public protocol Batchable: Property {
    /// The name of the batch. Properties with the same batch are applied together, whatever their types.
    var batch: String { get }

    /// Applies this property and `others`.
    ///
    /// The requirements of all `others` are satisfied already. A property that is still unmet afterwards is applied
    /// alone later, so this may leave out what cannot be done yet.
    func apply(with others: [any Batchable], on machine: Machine) async throws
}

extension Batchable {
    public func apply(on machine: Machine) async throws { try await apply(with: [], on: machine) }
}
