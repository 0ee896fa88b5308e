/// What a Raspberry Pi reads before Linux runs: `config.txt` and `cmdline.txt` on its boot partition.
///
/// What is changed there takes effect when the machine is restarted. A property that changes it leaves Debian's note,
/// `/run/reboot-required`, and restarts nothing: whoever wants that declares ``Reboot/WhenRequired`` or ``Reboot``.
public enum RaspberryPi {}

/// A text on the boot partition: `config.txt`, `cmdline.txt`.
struct BootFile {
    /// Its name there.
    let name: String

    static let configuration = BootFile(name: "config.txt")
    static let commandLine = BootFile(name: "cmdline.txt")

    /// Where the boot partition is mounted: since Raspberry Pi OS 12 the first, before it the second.
    private static let directories: [FilePath] = ["/boot/firmware", "/boot"]

    /// - Throws: ``Failure`` where there is none, most likely since the boot partition is not mounted.
    func path(on machine: Machine) throws -> FilePath {
        for directory in Self.directories {
            let path = directory.appending(name)
            guard try machine.files.status(of: path)?.kind == .file else { continue }
            // Since release 12 there is a text that says so in the former place.
            if directory == "/boot", try machine.files.text(path).firstRange(of: "/boot/firmware/\(name)") != nil {
                continue
            }
            return path
        }
        throw Failure(
            "there is no \(name), neither in /boot/firmware nor in /boot",
            advice: "Mount the boot partition (see `findmnt /boot/firmware` and /etc/fstab), then run again.")
    }

    func read(on machine: Machine) throws -> TextLines { try machine.shared(try path(on: machine)).read() }

    /// What was in it before Propel first wrote there; nil where it never did.
    func original(on machine: Machine) throws -> TextLines? {
        try machine.originals.bytes(of: try path(on: machine)).map(TextLines.init)
    }

    func edit(on machine: Machine, _ change: (inout TextLines) throws -> Void) async throws {
        let path = try path(on: machine)
        var edited = try machine.shared(path).read()
        try change(&edited)
        try machine.noteRebootRequired()
        try machine.shared(path).edit { $0 = edited }
        try await sync(path, on: machine)
    }

    /// - Parameters:
    ///   - change: the edit that is taken back.
    ///   - undo: what takes it back where the file holds other changes too.
    func revert(on machine: Machine, _ change: (inout TextLines) -> Void, undo: (inout TextLines) -> Void) async throws
    {
        let path = try path(on: machine)
        try machine.noteRebootRequired()
        try machine.shared(path).revert(change, undo: undo, isReverted: { _ in true })
        try await sync(path, on: machine)
    }

    /// The partition is FAT. There, syncing a directory does not write the entries of the files in it (`fs/fat/inode.c`): a
    /// power cut could leave the new name without the new content until the kernel writes it half a minute later.
    private func sync(_ path: FilePath, on machine: Machine) async throws {
        try await machine.run("sync", "--file-system", path.string)
    }
}
