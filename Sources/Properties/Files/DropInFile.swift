/// A file in a directory that others put theirs in too, such as `/etc/systemd/journald.conf.d`. The directory is made where it
/// is not there, and goes with the file where it was made for it and is empty.
struct DropInFile {
    let file: File
    private var directory: FilePath { file.path.removingLastComponent() }

    init(_ path: FilePath, _ text: String) { file = File(path, text) }

    func check(on machine: Machine) async throws -> Check { try await file.check(on: machine) }

    func apply(on machine: Machine) async throws {
        if try machine.files.status(of: directory) == nil {
            try machine.originals.keep(directory)
            try machine.files.createDirectory(directory, mode: 0o755, owner: .root)
        }
        try await file.apply(on: machine)
    }

    func checkReverted(on machine: Machine) async throws -> Check { try await file.checkReverted(on: machine) }

    func revert(on machine: Machine) async throws {
        try await file.revert(on: machine)
        if try machine.files.status(of: directory) != nil, try machine.files.list(directory).isEmpty {
            try machine.originals.restore(directory)
        }
    }
}
