/// The boot configuration of a Raspberry Pi: `config.txt` and `cmdline.txt` on its boot partition.
///
/// Changes take effect after a restart. A property that changes these files creates Debian's `/run/reboot-required`,
/// and restarts nothing: declare ``Reboot/WhenRequired`` or ``Reboot`` for that.
public enum RaspberryPi {}

/// A text file on the boot partition: `config.txt`, `cmdline.txt`.
struct BootFile {
    /// The file name.
    let name: String

    static let configuration = BootFile(name: "config.txt")
    static let commandLine = BootFile(name: "cmdline.txt")

    /// Mount points of the boot partition: the first since Raspberry Pi OS 12, the second before it.
    private static let directories: [FilePath] = ["/boot/firmware", "/boot"]

    /// - Throws: ``Failure`` if the file is missing, probably because the boot partition is not mounted.
    func path(on machine: Machine) throws -> FilePath {
        for directory in Self.directories {
            let path = directory.appending(name)
            guard try machine.files.status(of: path)?.kind == .file else { continue }
            // Since release 12 the file in /boot only refers to the new path.
            if directory == "/boot", try machine.files.text(path).firstRange(of: "/boot/firmware/\(name)") != nil {
                continue
            }
            return path
        }
        throw Failure(
            "\(name) is neither in /boot/firmware nor in /boot",
            advice: "Mount the boot partition (see `findmnt /boot/firmware` and /etc/fstab), then run again.")
    }

    func read(on machine: Machine) throws -> TextLines { try machine.shared(try path(on: machine)).read() }

    /// The content before Propel first wrote the file; nil if it never did.
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
    ///   - change: the edit to revert.
    ///   - undo: reverts it if the file has other changes too.
    func revert(on machine: Machine, _ change: (inout TextLines) -> Void, undo: (inout TextLines) -> Void) async throws
    {
        let path = try path(on: machine)
        try machine.noteRebootRequired()
        try machine.shared(path).revert(change, undo: undo, isReverted: { _ in true })
        try await sync(path, on: machine)
    }

    /// The partition is FAT. There, syncing a directory does not write the entries of the files in it
    /// (`fs/fat/inode.c`): a power cut could leave the new name without the new content until the kernel writes it half
    /// a minute later.
    private func sync(_ path: FilePath, on machine: Machine) async throws {
        try await machine.run("sync", "--file-system", path.string)
    }
}
