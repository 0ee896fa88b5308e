/// A file of systemd's configuration, checked by systemd before it is in its place, and read by it afterwards.
struct UnitFile {
    /// The unit that it configures.
    let unit: String
    /// Its name below ``directory``: `app.service`, `app.service.d/limits.conf`.
    let relativePath: String
    let text: String

    /// Where the administrator's units are (systemd.unit(5)).
    static let directory: FilePath = "/etc/systemd/system"

    var path: FilePath { Self.directory.appending(relativePath) }
    var file: File { File(path, text) }
    private var isDropIn: Bool { relativePath.contains("/") }

    func check(on machine: Machine) async throws -> Check {
        try UnitName.validate(unit)
        guard !text.utf8.contains(0) else { throw Failure("the text of \(relativePath) has a zero byte in it") }
        let check = try await file.check(on: machine)
        // A run that was cut between the file and the reload.
        guard check == .satisfied, try await machine.fact(SystemdUnits.self)[unit]?.needsReload == true else {
            return check
        }
        return .unmet("systemd has not read it yet")
    }

    func apply(on machine: Machine) async throws {
        if try await file.check(on: machine) != .satisfied {
            try await verify(on: machine)
            if isDropIn {
                let directory = path.removingLastComponent()
                if try machine.files.status(of: directory) == nil {
                    try machine.originals.keep(directory)
                    try machine.files.createDirectory(directory, mode: 0o755, owner: .root)
                }
            }
            try await file.apply(on: machine)
        }
        try await machine.succeed(SystemctlCommand.daemonReload)
    }

    func checkReverted(on machine: Machine) async throws -> Check { try await file.checkReverted(on: machine) }

    /// Gives back what was there. A unit that was not is stopped and disabled first, while systemd still knows how.
    func revert(on machine: Machine) async throws {
        if !isDropIn, try machine.originals.wasAbsent(path), try await machine.unit(unit).exists {
            try await machine.succeed(SystemctlCommand.disable(unit, now: true))
        }
        try await file.revert(on: machine)
        let directory = path.removingLastComponent()
        if isDropIn, try machine.files.status(of: directory) != nil, try machine.files.list(directory).isEmpty {
            try machine.originals.restore(directory)
        }
        try await machine.succeed(SystemctlCommand.daemonReload)
    }

    /// Has systemd look at the text, in a directory of its own: it goes by the names of files.
    private func verify(on machine: Machine) async throws {
        var files = [ScratchFile(relativePath, text)]
        // A drop-in is read along with its unit, whose own faults are not its. So that is one which says nothing.
        if isDropIn { files.append(ScratchFile(unit, "[Unit]\nDescription=\(unit)\n")) }
        try await machine.withScratch(files) { directory in
            let candidate = directory.appending(unit)
            // Without the second option, which systemd before 250 does not know, only what cannot be loaded counts.
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
                ending: result.ending.description,
                output: complaints, advice: "The file was not put in place. What it starts must be there before it.")
        }
    }
}
