/// A property that is an edit of a text file, whatever its machine.
protocol TextEditing: Revertible {
    var edit: TextEdit { get }
    func validate() throws
}

extension TextEditing {
    public func check(on machine: Machine) async throws -> Check {
        try validate()
        return try await edit.check(on: machine)
    }

    public func apply(on machine: Machine) async throws { try await edit.apply(on: machine) }
    public func checkReverted(on machine: Machine) async throws -> Check { try await edit.checkReverted(on: machine) }
    public func revert(on machine: Machine) async throws { try await edit.revert(on: machine) }
}

/// An edit of some lines of a text file, as a state: what ``Line``, ``Block`` and ``Setting`` have in common.
struct TextEdit {
    let path: FilePath
    var createsFile = false
    /// Whether a file that is missing is in the state: one without certain lines.
    var allowsMissingFile = false
    /// The program that must accept the new content, given the path of the candidate.
    var validation: (@Sendable (FilePath) -> Invocation)?
    /// Brings the lines into the state. Must change nothing in lines that it has changed.
    let change: (inout TextLines) -> Void
    /// Takes the edit back, given the lines before the first edit, if others have changed the file since.
    let undo: (_ lines: inout TextLines, _ original: TextLines) -> Void

    /// - Throws: ``Undetermined`` if there is no file yet, ``FileError`` if it is not a file.
    func check(on machine: Machine) async throws -> Check {
        let status = try machine.files.status(of: path)
        if status == nil {
            guard !allowsMissingFile else {
                try machine.awaitPackages(for: path)
                return .satisfied
            }
            guard createsFile else { throw Undetermined(until: "something before it makes the file \(path)") }
            try await machine.requireDirectory(of: path)
        }
        let before = try machine.shared(path).read()
        var after = before
        change(&after)
        guard after != before else { return .satisfied }
        return .unmet(
            status == nil ? "create with mode 0644, owner root:root" : "edit", diff: diff(before, after, status))
    }

    func apply(on machine: Machine) async throws {
        guard try createsFile || machine.files.status(of: path) != nil else {
            throw Failure(
                "\(path) does not exist",
                advice: "Declare what makes it before, or pass createsFile: true to create it.")
        }
        try await machine.shared(path).edit(validation: validation, change)
    }

    func checkReverted(on machine: Machine) async throws -> Check {
        // Without a record the file was never edited.
        guard let bytes = try machine.originals.bytes(of: path), let status = try machine.files.status(of: path) else {
            return .satisfied
        }
        let before = try machine.shared(path).read()
        var after = before
        undo(&after, TextLines(bytes))
        return after == before ? .satisfied : .unmet("undo the edit", diff: diff(before, after, status))
    }

    func revert(on machine: Machine) async throws {
        guard let bytes = try machine.originals.bytes(of: path) else { return }
        let original = TextLines(bytes)
        try machine.shared(path).revert(change, undo: { undo(&$0, original) }) { _ in true }
    }

    /// A private file is not shown.
    private func diff(_ before: TextLines, _ after: TextLines, _ status: FileStatus?) -> Diff? {
        (status?.mode ?? 0o644) & 0o004 == 0
            ? Diff(private: before.bytes, after.bytes) : Diff(from: before.bytes, to: after.bytes)
    }
}
