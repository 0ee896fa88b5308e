/// A property that is an edit of a text file, whatever its machine.
protocol TextEditing: Revertible, Guarded {
    var edit: TextEdit { get }
    func validate() throws
}

extension TextEditing {
    public func check(on machine: Machine) async throws -> Check {
        try validate()
        return try await edit.check(on: machine)
    }

    public func isGuarded(on machine: Machine) async throws -> Bool { AccessFiles.contain(edit.path, on: machine) }

    public func apply(on machine: Machine) async throws { try await edit.apply(on: machine) }
    public func checkReverted(on machine: Machine) async throws -> Check { try await edit.checkReverted(on: machine) }
    public func revert(on machine: Machine) async throws { try await edit.revert(on: machine) }
}

/// An edit of some lines of a text file, as a state: what ``Line``, ``Block`` and ``Setting`` have in common.
struct TextEdit {
    let path: FilePath
    var createsFile = false
    /// Mode and owner of a file that is created.
    var new = NewFile()
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
            status == nil ? "create with \(new.described)" : "edit", diff: diff(before, after, status))
    }

    func apply(on machine: Machine) async throws {
        var file = machine.shared(path)
        if try machine.files.status(of: path) == nil {
            guard createsFile else {
                throw Failure(
                    "\(path) does not exist",
                    advice: "Declare what makes it before, or pass createsFile: true to create it.")
            }
            file.newMode = new.mode.bits
            file.newOwner = try await machine.owner(user: new.owner, group: new.group)
        }
        try await file.edit(validation: validation, change)
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
        (status?.mode ?? new.mode.bits) & 0o004 == 0
            ? Diff(private: before.bytes, after.bytes) : Diff(from: before.bytes, to: after.bytes)
    }
}

/// Mode and owner of a file that an edit creates.
struct NewFile {
    var mode: FileMode = 0o644
    var owner = "root"
    /// The name of the group; nil for the primary group of the owner.
    var group: String? = "root"

    init() {}

    init(mode: FileMode, owner: String, group: String?) {
        self.mode = mode
        self.owner = owner
        self.group = group ?? (owner == "root" ? "root" : nil)
    }

    var described: String { Properties.described(mode: mode, owner: owner, group: group) }
}
