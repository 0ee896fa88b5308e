/// A kernel that is installed and takes effect with the next restart.
struct NewerKernel: Equatable {
    /// The release that the boot loader starts next: `6.1.0-28-amd64`.
    var installed: String
    /// The release that runs.
    var running: String

    /// The links to the newest kernel; which of them a machine has is set in `/etc/kernel-img.conf`.
    private static let links: [FilePath] = ["/vmlinuz", "/boot/vmlinuz"]

    /// The newer kernel of a machine; nil if it runs its newest, or has none, as in a container.
    static func of(_ machine: Machine) async throws -> NewerKernel? {
        let files = machine.files
        for link in links where try files.status(of: link)?.kind == .link {
            let prefix = "vmlinuz-"
            guard let name = FilePath(try files.destination(ofLink: link)).lastComponent?.string,
                name.hasPrefix(prefix),
                let running = try files.readIfPresent("/proc/sys/kernel/osrelease").flatMap({
                    String(decoding: $0, as: UTF8.self).nonEmptyLines.first.map { String($0) }
                })
            else { continue }
            // A dangling link is left by a kernel that was removed by hand.
            guard try files.status(of: "/boot/\(name)") != nil else { continue }
            let installed = String(name.dropFirst(prefix.count))
            return installed == running ? nil : NewerKernel(installed: installed, running: running)
        }
        return nil
    }

    /// The file that tells in which boot the machine was restarted for this kernel.
    private var record: FilePath {
        Machine.state.appending("restarted-for").appending(escaping: installed)
    }

    /// Records that the machine is restarted for this kernel.
    func noteRestart(of machine: Machine) throws {
        try machine.files.replacePrivate(record, with: Array(Boot.current(on: machine).utf8))
    }

    /// - Throws: ``Failure`` if an earlier boot was ended for this kernel: it would be ended in every run.
    func refuseSecondRestart(of machine: Machine) throws {
        guard let boot = try machine.files.readIfPresent(record), boot != Array(Boot.current(on: machine).utf8) else {
            return
        }
        throw Failure(
            "the machine was restarted for the kernel \(installed) and still runs \(running)",
            advice:
                "Look at what the boot loader starts (see `grep menuentry /boot/grub/grub.cfg`). To have it restarted "
                + "again, remove \(record).")
    }
}
