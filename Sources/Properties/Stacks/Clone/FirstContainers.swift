extension StackDeployment {
    /// Makes the containers of a stack that was never deployed, and starts none: its data are to be there before.
    func makeContainers(on machine: Machine) async throws {
        var record = try StackRecord(of: stack, on: machine)
        let files = try StackFiles(stack, on: machine), compose = try Compose(stack, on: machine)
        try files.refuseForeign(isFirst: record.current == nil && record.pending == nil)
        let same = try await files.unchangedSecretFiles()
        try files.writePlainFiles()
        try await files.validate(with: compose, except: same)
        // From here on the directory is its own.
        record.pending = stack.version
        try record.write(of: stack, on: machine)
        try await files.writeSecretFiles(except: same)
        try files.writeComposeFile()
        try await machine.succeed(compose.command(["up", "--no-start", "--no-build"], files: try files.described()))
    }
}
