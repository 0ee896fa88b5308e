/// A property of packages: its part of the transaction.
protocol AptPackages: Batchable {
    /// The packages that it names itself, whatever the machine has. They come before what others would choose.
    var declaredNames: [String] { get }

    /// The packages to install and to remove for it.
    /// - Parameter names: the packages that others name which are installed in the same transaction.
    func transaction(_ status: DpkgStatus, beside names: Set<String>, on machine: Machine) throws -> AptTransaction
}

extension AptPackages {
    public var batch: String { "apt" }
    var declaredNames: [String] { [] }

    public func apply(with others: [any Batchable], on machine: Machine) async throws {
        let index = AptIndex(machine: machine)
        try await index.repairInterruption()
        let status = try await machine.fact(DpkgStatus.self)
        let others = others.compactMap { $0 as? any AptPackages }
        let named = ([self] + others as [any AptPackages]).flatMap(\.declaredNames).filter { !status.isInstalled($0) }
        // Other properties may wait for a repository that is declared later.
        var unavailable = try await index.unavailable(named)
        let coming = Set(named).subtracting(unavailable)
        let own = try transaction(status, beside: coming, on: machine)
        var transaction = own
        for other in others { transaction.add(try other.transaction(status, beside: coming, on: machine)) }
        // apt would upgrade the others, and refuse those on hold.
        transaction.install.removeAll(where: status.isInstalled)
        transaction.installBare.removeAll(where: status.isInstalled)
        let chosen = (transaction.install + transaction.installBare).filter { !named.contains($0) }
        unavailable.formUnion(try await index.unavailable(chosen))
        if let name = (own.install + own.installBare).first(where: unavailable.contains) {
            throw try await index.failure(for: name)
        }
        transaction.install.removeAll(where: unavailable.contains)
        transaction.installBare.removeAll(where: unavailable.contains)
        try await transaction.run(on: machine)
    }
}
