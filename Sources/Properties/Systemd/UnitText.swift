/// The text of a unit, or of a drop-in of one, that is not in place yet.
struct UnitText {
    /// The full name of the unit.
    let unit: String
    /// The path below the directory of the units: `app.service`, `app.service.d/limits.conf`.
    let relativePath: String
    let text: String

    /// Has systemd verify the text in a scratch directory: it goes by the names of files.
    /// - Throws: ``Failure`` with its complaints if it does not accept the text.
    func verify(on machine: Machine) async throws {
        let isDropIn = relativePath.contains("/")
        var files = [ScratchFile(relativePath, text)]
        // A drop-in is read together with its unit, whose faults do not count. So that is an empty one.
        if isDropIn { files.append(ScratchFile(unit, "[Unit]\nDescription=\(unit)\n")) }
        try await machine.withScratch(files) { directory in
            let candidate = directory.appending(unit)
            var command = SystemctlCommand.verify(candidate)
            var result = try await machine.run(command)
            if String(decoding: result.errors, as: UTF8.self).firstRange(of: "unrecognized option") != nil {
                command = SystemctlCommand.verify(candidate, isRecursive: true)
                result = try await machine.run(command)
            }
            guard !result.succeeded else { return }
            guard case .exited = result.ending else { throw CommandFailure(command: command, result: result) }
            var complaints = CommandFailure(command: command, result: result).lastLines
            if isDropIn { complaints.removeAll { $0.firstRange(of: relativePath) == nil } }
            guard !complaints.isEmpty else { return }
            throw Failure(
                "systemd does not accept \(relativePath)", command: command.description,
                ending: result.ending.description, output: complaints,
                advice: "The file was not put in place. The programs that it starts must be there before it.")
        }
    }
}
