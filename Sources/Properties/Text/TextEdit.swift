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
    public var secrets: [Secret] { edit.content?.secrets ?? [] }
}

/// An edit of some lines of a text file, as a state: what ``Line``, ``Block`` and ``Setting`` have in common.
struct TextEdit {
    let path: FilePath
    /// The lines that it decides about, for a record of their secrets: “the setting Port in /etc/x”.
    let place: String
    /// The text that is put into the file, with its secrets and facts; nil for an edit that removes lines.
    var content: Content?
    var createsFile = false
    /// Mode and owner of a file that is created.
    var new = NewFile()
    /// Whether a file that is missing is in the state: one without certain lines.
    var allowsMissingFile = false
    /// The program that must accept the new content, given the path of the candidate.
    var validation: (@Sendable (FilePath) -> Invocation)?
    /// The copies of the file that are made before it changes; nil if none are.
    var versions: FileVersions?
    /// Refuses the text if it cannot be put into the file. Its error must not show it: there may be a secret in it.
    var refuse: (_ text: String) throws -> Void = { _ in }
    /// The lines that it decides about, found without the text.
    var decided: (_ lines: TextLines) -> [String] = { _ in [] }
    /// Brings the lines into the state, given the text. Must change nothing in lines that it has changed.
    let change: (_ lines: inout TextLines, _ text: String) -> Void
    /// Takes the edit back, given the lines before the first edit, if others have changed the file since.
    let undo: (_ lines: inout TextLines, _ original: TextLines) -> Void

    private var secrets: [Secret] { content?.secrets ?? [] }

    /// - Throws: ``Undetermined`` if there is no file yet or if that takes a plaintext, ``FileError`` if it is not a
    ///   file, ``Failure`` if everybody could read a secret in it.
    func check(on machine: Machine) async throws -> Check {
        let status = try machine.files.status(of: path)
        if let status {
            try refuseReaders(of: status)
        } else {
            guard !allowsMissingFile else {
                try machine.awaitPackages(for: path)
                return .satisfied
            }
            guard createsFile else { throw Undetermined(until: "something before it makes the file \(path)") }
            try await machine.requireDirectory(of: path)
        }
        let before = try machine.shared(path).read(), content = try await content?.resolved(on: machine)
        let edit = versions.map { "edit, after a copy to \($0.directory)" } ?? "edit"
        let reason = status == nil ? "create with \(new.described)" : edit
        let hidden = Check.unmet("\(reason); not shown, since there are secrets in it", secrets: secrets)
        guard secrets.allSatisfy({ machine.secrets.known($0) != nil }) else {
            let found = decided(before)
            guard !found.isEmpty else { return hidden }
            return try applied(content).matches(Self.bytes(of: found), on: machine) ? .satisfied : hidden
        }
        let text = try await text(of: content, on: machine)
        var after = before
        change(&after, text)
        guard after == before else {
            return secrets.isEmpty ? .unmet(reason, diff: diff(before, after, status)) : hidden
        }
        // The next run needs no plaintext.
        if !secrets.isEmpty { try applied(content).remember(Self.bytes(of: decided(before)), on: machine) }
        return .satisfied
    }

    func apply(on machine: Machine) async throws {
        var file = machine.shared(path)
        let status = try machine.files.status(of: path)
        if let status {
            try refuseReaders(of: status)
        } else {
            guard createsFile else {
                throw Failure(
                    "\(path) does not exist",
                    advice: "Declare what makes it before, or pass createsFile: true to create it.")
            }
            file.newMode = new.mode.bits
            file.newOwner = try await machine.owner(user: new.owner, group: new.group)
        }
        let text = try await text(of: content?.resolved(on: machine), on: machine)
        if let status { try versions?.copy(of: status, on: machine) }
        do {
            try await file.edit(validation: validation) { change(&$0, text) }
        } catch let failure as CommandFailure where !secrets.isEmpty {
            throw Failure(withoutOutputOf: failure, about: path)
        }
    }

    /// The text with its plaintexts.
    private func text(of content: Content?, on machine: Machine) async throws -> String {
        guard let content else { return "" }
        let valid = try await content.withBytes(on: machine, trimming: true) {
            String(validating: $0, as: UTF8.self)
        }
        guard let text = valid else {
            throw Failure("what is declared for \(path) is not UTF-8", advice: "Convert it with iconv(1).")
        }
        try refuse(text)
        return text
    }

    private func applied(_ content: Content?) -> AppliedSecrets {
        AppliedSecrets(in: place, form: content?.form ?? "", of: secrets)
    }

    private static func bytes(of lines: [String]) -> [UInt8] { Array(lines.joined(separator: "\n").utf8) }

    /// - Throws: ``Failure`` if everybody may read or write the file, and there are secrets in the text.
    private func refuseReaders(of status: FileStatus) throws {
        guard !secrets.isEmpty, status.mode & 0o006 != 0 else { return }
        throw Failure(
            "everybody may read or write \(path), which has the mode \(octal(status.mode)), and a secret is declared "
                + "in it",
            advice: "Declare Permissions(of: \"\(path)\", mode: 0o600) before, or 0o640 with the group that reads it.")
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
        // First, since nothing is left to revert once the lines are gone.
        if !secrets.isEmpty { try applied(nil).forget(on: machine) }
        let original = TextLines(bytes)
        // Content with open values is taken back without them, by the lines of the original.
        let text = content == nil ? "" : content?.bytes.map { String(decoding: $0, as: UTF8.self) }
        try machine.shared(path).revert(
            { lines in if let text { change(&lines, text) } }, undo: { undo(&$0, original) }, isReverted: { _ in true })
    }

    /// A private file is not shown.
    private func diff(_ before: TextLines, _ after: TextLines, _ status: FileStatus?) -> Diff? {
        (status?.mode ?? new.mode.bits) & 0o004 == 0
            ? Diff(private: before.bytes, after.bytes) : Diff(from: before.bytes, to: after.bytes)
    }
}

extension TextEdit {
    /// An edit that puts in no text with values.
    init(
        path: FilePath, createsFile: Bool = false, allowsMissingFile: Bool = false,
        validation: (@Sendable (FilePath) -> Invocation)? = nil, change: @escaping (inout TextLines) -> Void,
        undo: @escaping (_ lines: inout TextLines, _ original: TextLines) -> Void
    ) {
        self.init(
            path: path, place: "", createsFile: createsFile, allowsMissingFile: allowsMissingFile,
            validation: validation, change: { lines, _ in change(&lines) }, undo: undo)
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
        self.group = group ?? Owner.group(of: owner)
    }

    var described: String { Properties.described(mode: mode, owner: owner, group: group) }
}
