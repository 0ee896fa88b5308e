/// A file of which a property decides some lines, and others the rest: `/etc/fstab`, `/etc/hosts`.
public struct SharedFile {
    public let path: FilePath
    let machine: Machine
    /// The permission bits and the owner of a new file, where a property of this module declares them.
    var newMode: ModeBits = 0o644, newOwner = Owner.root

    /// Its lines; none if there is no file.
    /// - Throws: ``FileError`` if the path is a symbolic link or not a file.
    public func read() throws -> TextLines { TextLines(try machine.files.readIfPresent(path) ?? []) }

    /// Writes the file if the edit changes anything. Mode and owner stay; a new file gets 0644 and root.
    public func edit(_ change: (inout TextLines) -> Void) throws {
        let before = try read()
        var after = before
        change(&after)
        guard after != before else { return }
        try machine.originals.keep(path)
        try write(after)
    }

    /// Writes the file if the edit changes anything and a program accepts the new content.
    /// - Parameters:
    ///   - validation: the program that must exit with 0, given the path of the candidate; none if nil.
    ///   - change: the edit.
    /// - Throws: ``CommandFailure`` if the program does not accept it. Nothing is changed then.
    public func edit(
        validation: (@Sendable (FilePath) -> Invocation)?, _ change: (inout TextLines) -> Void
    ) async throws {
        guard let validation else { return try edit(change) }
        let status = try machine.files.status(of: path), before = try read()
        var after = before
        change(&after)
        guard after != before else { return }
        try machine.originals.keep(path)
        let staged = try machine.files.stage(
            after.bytes, for: path, mode: status?.mode ?? newMode, owner: status?.owner ?? newOwner)
        do {
            try await machine.succeed(validation(staged))
        } catch {
            machine.files.discard(staged)
            throw error
        }
        try machine.files.commit(staged, as: path)
    }

    /// Reverts an edit.
    ///
    /// The original bytes are restored if nobody else has changed the file since, and the original satisfies
    /// `isReverted`. Else `undo` is applied, which must leave the lines of others as they are.
    public func revert(
        _ change: (inout TextLines) -> Void, undo: (inout TextLines) -> Void, isReverted: (TextLines) -> Bool
    ) throws {
        let present = try read()
        var undone = present
        undo(&undone)
        if let bytes = try machine.originals.bytes(of: path) {
            let original = TextLines(bytes)
            var edited = original
            change(&edited)
            if edited == present || undone == original, isReverted(original) {
                return try machine.originals.restore(path)
            }
        }
        if undone != present { try write(undone) }
    }

    private func write(_ lines: TextLines) throws {
        try machine.willWrite(path)
        let status = try machine.files.status(of: path)
        try machine.files.replace(
            path, with: lines.bytes, mode: status?.mode ?? newMode, owner: status?.owner ?? newOwner)
    }
}

extension Machine {
    /// The file at a path, of which a property decides some lines.
    public func shared(_ path: FilePath) -> SharedFile { SharedFile(path: path, machine: self) }
}
