extension Mount {
    /// The options that the kernel shows for each mount, under the names that they have in `/etc/fstab`.
    private static let shownFlags = ["ro", "nosuid", "nodev", "noexec", "noatime", "nodiratime"]

    /// The declared options that a mounted file system does not have.
    ///
    /// File systems of programs (FUSE) and shares of Windows are not compared: they leave some options out.
    func missingFlags(of mounted: MountTable.Entry) -> [String] {
        guard !mounted.type.hasPrefix("fuse"), !["cifs", "smb3", "9p"].contains(mounted.type) else { return [] }
        return Self.shownFlags.filter { options.contains($0) && !mounted.flags.contains($0) }
    }

    /// Gives a mounted file system the options of its line while it stays in use (mount(8), `remount`).
    /// - Throws: ``CommandFailure`` if it does not take one that the kernel would show. Others are left to the next
    ///   boot.
    func remount(_ mounted: MountTable.Entry, on machine: Machine) async throws {
        // Without `bind` the file system that the directory is on would get the options, at its other place too.
        let isBind = !Set(options).isDisjoint(with: ["bind", "rbind"])
        try await withCandidate(on: machine) { candidate in
            let command = Invocation(
                "mount",
                ["--fstab", candidate.string, "--options", isBind ? "remount,bind" : "remount", "--", path.string])
            let result = try await machine.run(command)
            guard !result.succeeded else { return }
            guard missingFlags(of: mounted).isEmpty else { throw CommandFailure(command: command, result: result) }
            machine.noteFollowUp(
                "unmount \(path) and mount it, or restart: its options in \(Fstab.path) have changed, and it does not "
                    + "take them while it is mounted")
        }
    }
}
