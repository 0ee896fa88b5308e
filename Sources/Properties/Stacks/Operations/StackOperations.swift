/// What can be done with a stack beside deploying it.
extension StackDeployment: Operable {
    func declarations(for operation: HostOperation) throws -> [Declaration]? {
        guard isMeant(by: operation) else { return nil }
        switch operation.name {
        case "back up": return [declared(BackupTaken(stack: stack, id: try operation.argument("id")))]
        case "prepare a copy":
            return [
                declared(
                    ClonePrepared(
                        stack: stack, origin: try operation.argument("origin"),
                        target: try operation.argument("target"), id: try operation.argument("id")))
            ]
        case "test the newest backup":
            return [declared(RestoreTested(stack: stack, request: try operation.argument("request")))]
        case "restore":
            let isReplacing = try operation.argument("replace") == "yes"
            return [
                declared(
                    Restored(
                        stack: stack, backup: try operation.argument("backup"), isReplacing: isReplacing,
                        request: try operation.argument("request")))
            ]
        default: return nil
        }
    }

    func answer(to question: HostOperation, on machine: Machine) async throws -> JSON? {
        guard isMeant(by: question) else { return nil }
        return switch question.name {
        case "list backups": try backups(on: machine)
        case "whose data": try await whoseData(on: machine)
        case "format of the data":
            [
                "stack": .string(stack.name),
                "dataFormat": try StackRecord(of: stack, on: machine).dataFormat.map(JSON.integer) ?? .null,
            ]
        default: nil
        }
    }

    func transfer(for operation: HostOperation, on machine: Machine) async throws -> Transfer? {
        guard isMeant(by: operation) else { return nil }
        return switch operation.name {
        case "send a copy":
            try stack.sending(try operation.argument("id"), to: try operation.argument("target"), on: machine)
        case "receive a copy":
            try await stack.receiving(try operation.argument("id"), from: try operation.argument("origin"), on: machine)
        default: nil
        }
    }

    /// nil where its data are not to be those of another host.
    private func whoseData(on machine: Machine) async throws -> JSON? {
        guard let origin = stack.origin else { return nil }
        return [
            "stack": .string(stack.name),
            "state": .string(try await CloneState.of(stack, from: origin, on: machine).rawValue),
        ]
    }

    private func backups(on machine: Machine) throws -> JSON {
        .array(
            try StackBackups(of: stack, on: machine).all.map { entry in
                switch entry {
                case .damaged(let id, let reason):
                    ["id": .string(id), "stack": .string(stack.name), "damaged": .string(reason)]
                case .whole(let backup):
                    .object(present: [
                        "id": .string(backup.id), "stack": .string(stack.name), "time": .string(backup.time),
                        "why": .string(backup.why),
                        "bytes": .integer(backup.bytes), "volumes": .array(backup.files.map { .string($0.volume) }),
                        "test": (try? RestoreTest.last(of: backup, of: stack, on: machine))?.told,
                        "dataFormat": backup.dataFormat.map(JSON.integer), "origin": backup.origin.map(JSON.string),
                        "images": .object(backup.deployment?.images.mapValues(JSON.string) ?? [:]),
                    ])
                }
            })
    }

    private func isMeant(by operation: HostOperation) -> Bool {
        operation.arguments["stack"].map { $0 == stack.name } ?? true
    }

    private func declared(_ property: some Property) -> Declaration {
        property.declaration(at: SourcePlace(fileID: #fileID, line: #line))
    }
}

extension HostOperation {
    fileprivate func argument(_ name: String) throws -> String {
        guard let value = arguments[name] else { throw Failure("“\(self.name)” was not told its \(name)") }
        return value
    }
}
