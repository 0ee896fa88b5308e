/// A file of which a property decides some lines and others the rest: /etc/fstab, /etc/hosts.
struct SharedFile {
    let path: FilePath
    let machine: Machine

    /// Its lines; none where there is no file.
    /// - Throws: ``FileError`` where the path is a symbolic link or no file.
    func read() throws -> TextLines { TextLines(try machine.files.readIfPresent(path) ?? []) }

    /// Changes it, if the edit changes anything. Its mode and owner stay; a new file gets 0644 and root.
    func edit(_ change: (inout TextLines) -> Void) throws {
        let before = try read()
        var after = before
        change(&after)
        guard after != before else { return }
        try machine.originals.keep(path)
        try write(after)
    }

    /// Takes an edit back: to the bytes from before, where nobody else has changed the file since then and it holds what
    /// `isReverted` wants; else by `undo`, which leaves what others have written.
    func revert(
        _ change: (inout TextLines) -> Void, undo: (inout TextLines) -> Void, isReverted: (TextLines) -> Bool
    ) throws {
        let present = try read()
        if let bytes = try machine.originals.bytes(of: path) {
            let original = TextLines(bytes)
            var edited = original
            change(&edited)
            if edited == present, isReverted(original) { return try machine.originals.restore(path) }
        }
        var undone = present
        undo(&undone)
        if undone != present { try write(undone) }
    }

    private func write(_ lines: TextLines) throws {
        let status = try machine.files.status(of: path)
        try machine.files.replace(path, with: lines.bytes, mode: status?.mode ?? 0o644, owner: status?.owner ?? .root)
    }
}

extension Machine {
    func shared(_ path: FilePath) -> SharedFile { SharedFile(path: path, machine: self) }
}
