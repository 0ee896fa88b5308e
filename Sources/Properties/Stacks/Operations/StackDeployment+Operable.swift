extension StackDeployment: Operable {
    func declarations(for operation: HostOperation) throws -> [Declaration]? {
        guard let operation = try stackOperation(operation) else { return nil }
        switch operation {
        case .backUp(let id):
            let copies = stack.backupCopies.map { BackupsCopied(stack: stack, repository: $0, awaited: id) }
            return [declared(BackupExists(stack: stack, id: id))] + copies.map { declared($0) }
        case .testNewestBackup(let request): return [declared(RestoreVerified(stack: stack, request: request))]
        case .restore(let backup, let isReplacing, let request):
            return [
                declared(DataRestored(stack: stack, backup: backup, isReplacing: isReplacing, request: request))
            ]
        case .prepareCopy(let copy):
            return [
                declared(CloneSourcePrepared(stack: stack, origin: copy.origin, target: copy.target, id: copy.id))
            ]
        case .fetchBackups(let request):
            return stack.backupCopies.isEmpty ? nil : [declared(BackupsFetched(stack: stack, request: request))]
        case .pullImages(let request): return [declared(ImagesPulled(stack: stack, request: request))]
        case .sendCopy, .receiveCopy, .listBackups, .dataOrigin, .dataFormat: return nil
        }
    }

    func answer(to question: HostOperation, on machine: Machine) async throws -> JSON? {
        guard let operation = try stackOperation(question) else { return nil }
        switch operation {
        case .listBackups: return try backupSummaries(on: machine).json
        case .dataOrigin: return try await dataOrigin(on: machine)?.json
        case .dataFormat:
            let format = try StackRecord(of: stack, on: machine).dataFormat
            return DataFormatAnswer(stack: stack.name, dataFormat: format).json
        case .backUp, .testNewestBackup, .restore, .prepareCopy, .sendCopy, .receiveCopy, .fetchBackups, .pullImages:
            return nil
        }
    }

    func transfer(for operation: HostOperation, on machine: Machine) async throws -> FileTransfer? {
        guard let operation = try stackOperation(operation) else { return nil }
        switch operation {
        case .sendCopy(let copy): return try stack.sending(copy.id, to: copy.target, on: machine)
        case .receiveCopy(let copy): return try await stack.receiving(copy.id, from: copy.origin, on: machine)
        case .backUp, .testNewestBackup, .restore, .prepareCopy, .fetchBackups, .pullImages, .listBackups,
            .dataOrigin, .dataFormat:
            return nil
        }
    }

    /// Decodes an operation on stacks; nil if it is for another stack, or belongs to another property.
    private func stackOperation(_ operation: HostOperation) throws -> StackOperation? {
        let chosen = operation.arguments[StackOperation.stackKey]
        guard StackOperation.Name(rawValue: operation.name) != nil, chosen == nil || chosen == stack.name else {
            return nil
        }
        return try StackOperation(operation)
    }

    /// The state of the data that the stack has from another host; nil if the data are its own.
    private func dataOrigin(on machine: Machine) async throws -> DataOriginAnswer? {
        guard let origin = stack.origin else { return nil }
        return DataOriginAnswer(
            stack: stack.name, state: try await CloneState.of(stack, from: origin, on: machine))
    }

    private func backupSummaries(on machine: Machine) throws -> [BackupSummary] {
        try StackBackups(of: stack, on: machine).all.map { entry in
            switch entry {
            case .damaged(let id, let reason):
                BackupSummary(id: id, stack: stack.name, content: .damaged(reason: reason))
            case .whole(let backup):
                BackupSummary(
                    id: backup.id, stack: stack.name,
                    content: .intact(
                        BackupSummary.Details(
                            time: backup.time, why: backup.why, bytes: backup.bytes,
                            volumes: backup.files.map(\.volume), dataFormat: backup.dataFormat,
                            origin: backup.origin, images: backup.deployment?.images ?? [:],
                            test: (try? RestoreTestResult.last(of: backup, of: stack, on: machine)).map {
                                BackupSummary.Test(time: $0.time, failure: $0.failure)
                            })))
            }
        }
    }

    private func declared(_ property: some Property) -> Declaration {
        property.declaration(at: SourcePlace(fileID: #fileID, line: #line))
    }
}
