/// That the data of a stack are a copy of those that another host has, or had when they were brought.
///
/// `propel` brings them before it deploys a host that has none yet. They are not brought anew by themselves, and data that are no copy
/// of theirs are never replaced without being asked for: `propel clone HOST` does both.
struct DataCloned: Property {
    typealias Target = DebianLike

    let stack: Stack
    /// The name of that host in hosts.conf.
    let origin: String
    /// How often docker is asked while something is waited for.
    var pollInterval: Duration = .seconds(1)

    var name: String { "data of \(stack.name) from \(origin)" }
    /// Its containers are made for it.
    var secrets: [Secret] { stack.secretFiles.flatMap(\.secrets) }
    var claims: [Claim] {
        [Claim("the data of the stack \(stack.name)", is: origin, summary: "a copy of those of \(origin)")]
    }

    /// - Throws: ``Failure`` where there are other data.
    func check(on machine: Machine) async throws -> Check {
        switch try await CloneState.of(stack, from: origin, on: machine) {
        case .cloned: return .satisfied
        case .none: return .unmet("bring the data that \(origin) has")
        case .arrived:
            return .unmet(
                "put in place what came from \(origin): \(try arrived(on: machine).files.map(\.volume).joined(separator: ", "))",
                secrets: secrets)
        case .other:
            let record = try CloneRecord.read(of: stack, on: machine)
            let present = record?.progress == .done ? "those of \(record?.origin ?? "")" : "its own"
            throw Failure(
                "the data of \(stack.name) are \(present), and are to be those of \(origin)",
                advice:
                    "`propel clone HOST` replaces them, and keeps a backup. Or take `from` out of the host's entry in hosts.conf."
            )
        }
    }

    private func arrived(on machine: Machine) throws -> Backup {
        guard let record = try CloneRecord.read(of: stack, on: machine) else {
            throw Failure("the data of \(origin) have not been brought", advice: "Run again, without --only.")
        }
        return try StackBackups(of: stack, on: machine).named(record.backup, of: stack)
    }

    /// The containers are made, and only those run that take a dump: none of the others gets to see data that are not whole.
    func apply(on machine: Machine) async throws {
        let backup = try arrived(on: machine)
        var record = CloneRecord(origin: origin, backup: backup.id, progress: .begun)
        try record.write(of: stack, on: machine)
        try await StackDeployment(stack: stack).createContainers(on: machine)
        let restoring = try await RestoreJob(
            backup, stack, try await StackData.read(of: stack, on: machine), pollInterval: pollInterval, on: machine)
        try await StackBackups.verify(backup, of: stack, on: machine)
        do {
            // Of a run that was cut short.
            try await restoring.stopAll()
            try await restoring.restore()
        } catch {
            try? await evenIfInterrupted { try await restoring.stopAll() }
            throw error
        }
        try await restoring.stopAll()
        record.progress = .done
        try record.write(of: stack, on: machine)
    }
}
