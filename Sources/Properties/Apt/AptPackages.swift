/// A property of packages: its part of the transaction.
protocol AptPackages: Batchable {
    /// The packages that it names itself, whatever the machine has. They come before what others would choose.
    var declaredNames: [String] { get }

    /// Prepares the installation of packages, such as by giving the answers to their questions.
    func prepare(on machine: Machine) async throws

    /// The packages to install and to remove for it.
    /// - Parameter names: the packages that others name which are installed in the same transaction.
    func transaction(
        _ status: DpkgStatus, beside names: Set<String>, on machine: Machine
    ) async throws -> AptTransaction
}

extension AptPackages {
    public var batch: String { AptBatch.usual }
    var declaredNames: [String] { [] }
    func prepare(on machine: Machine) async throws {}

    public func apply(with others: [any Batchable], on machine: Machine) async throws {
        let index = AptIndex(machine: machine), withheld = WithheldServices(machine: machine)
        try withheld.restore()
        try await index.repairInterruption()
        let status = try await machine.fact(DpkgStatus.self)
        let others = others.compactMap { $0 as? any AptPackages }
        let all: [any AptPackages] = [self] + others
        for property in all { try await property.prepare(on: machine) }
        let named = all.flatMap(\.declaredNames).filter { !status.isInstalled($0) }
        // Other properties may wait for a repository that is declared later.
        var unavailable = try await index.unavailable(named)
        let coming = Set(named).subtracting(unavailable)
        let own = try await transaction(status, beside: coming, on: machine)
        var transaction = own
        for other in others { transaction.add(try await other.transaction(status, beside: coming, on: machine)) }
        transaction.leaveOut(status.isInstalled)
        let chosen = (transaction.install + transaction.installBare).filter { !named.contains($0) }
        unavailable.formUnion(try await index.unavailable(chosen))
        if let name = (own.install + own.installBare).first(where: unavailable.contains) {
            throw try await index.failure(for: name)
        }
        transaction.leaveOut(unavailable.contains)
        guard batch == AptBatch.withoutServices else { return try await transaction.run(on: machine) }
        let due = transaction
        try await withheld.during { try await due.run(on: machine) }
    }
}

/// The batches of packages. Each is one transaction.
enum AptBatch {
    static let usual = "apt"
    /// The services of the packages are not started.
    static let withoutServices = "apt, without services"
}
