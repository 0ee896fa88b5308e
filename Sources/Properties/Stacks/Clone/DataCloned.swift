/// The data of a stack are a copy of the data of another host.
///
/// `propel` copies them before it deploys a host that has no data yet. Only `propel clone HOST` copies them again, or
/// replaces other data.
struct DataCloned: Property {
    typealias Target = DebianLike

    let stack: Stack
    /// The name of that host in hosts.conf.
    let origin: String

    var name: String { "data of \(stack.name) from \(origin)" }
    /// Its containers are created for it.
    var secrets: [Secret] { stack.secretFiles.flatMap(\.secrets) }
    var claims: [Claim] {
        [Claim("the data of the stack \(stack.name)", is: origin, summary: "a copy of those of \(origin)")]
    }

    /// - Throws: ``Failure`` if there are other data.
    func check(on machine: Machine) async throws -> Check {
        switch try await CloneState.of(stack, from: origin, on: machine) {
        case .cloned: return .satisfied
        case .none: return .unmet("copy the data of \(origin)")
        case .arrived:
            let volumes = try arrived(on: machine).files.map(\.volume).joined(separator: ", ")
            return .unmet("restore the copy from \(origin): \(volumes)", secrets: secrets)
        case .other:
            let record = try CloneRecord.read(of: stack, on: machine)
            let present = record?.progress == .done ? "a copy from \(record?.origin ?? "")" : "its own"
            throw Failure(
                "the data of \(stack.name) are \(present) instead of a copy from \(origin)",
                advice:
                    "`propel clone HOST` replaces them, after a backup. Or remove `from` from its entry in hosts.conf."
            )
        }
    }

    private func arrived(on machine: Machine) throws -> Backup {
        guard let record = try CloneRecord.read(of: stack, on: machine) else {
            throw Failure("the data of \(origin) have not been copied", advice: "Run again, without --only.")
        }
        return try StackBackups(of: stack, on: machine).named(record.backup, of: stack)
    }

    /// Creates the containers, and runs only those that load a dump: no other one sees incomplete data.
    func apply(on machine: Machine) async throws {
        let backup = try arrived(on: machine)
        var record = CloneRecord(origin: origin, backup: backup.id, progress: .begun)
        try record.write(of: stack, on: machine)
        try await StackDeployment(stack: stack).createContainers(on: machine)
        let job = try await RestoreJob(
            backup, try await StackData.read(of: stack, on: machine), of: StackContext(resolving: stack, on: machine))
        try await StackBackups.verify(backup, of: stack, on: machine)
        do {
            // Some may run after an interrupted run.
            try await job.stopAll()
            try await job.restore()
        } catch {
            throw await error.after { try await job.stopAll() }
        }
        try await job.stopAll()
        record.progress = .done
        try record.write(of: stack, on: machine)
    }
}
