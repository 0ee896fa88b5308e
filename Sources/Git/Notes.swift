import Foundation
import PlainText

/// The ref of the notes about deployments.
public let deploymentNotesRef = "refs/notes/propel"

extension Repository {
    /// Adds a line to the note on `commit`.
    ///
    /// Two processes can do so at the same time: git moves the ref only from the commit that was read, and the other
    /// process starts over. `git notes append` does not guarantee that.
    ///
    /// - Parameter ref: Under `refs/notes/`.
    public func addNote(_ note: DeploymentNote, on commit: Commit, ref: String = deploymentNotesRef) async throws {
        let line = try note.line()
        try await updatingNotes(ref) {
            let old = try await notesTip(ref)
            var text = try await noteText(on: commit, ref: ref)
            if !text.isEmpty, !text.hasSuffix("\n") { text += "\n" }
            return NotesUpdate(
                message: "Record a deployment of \(note.host)", parents: [old].compactMap { $0 },
                notes: [(commit.id, .text(text + line + "\n"))])
        }
    }

    /// The deployments in the note on a commit, the oldest first. Other lines are ignored.
    public func notes(on commit: Commit, ref: String = deploymentNotesRef) async throws -> [DeploymentNote] {
        let lines = try await noteText(on: commit, ref: ref).nonEmptyLines
        return lines.compactMap { DeploymentNote(line: String($0)) }.enumerated()
            .sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }.map(\.element)
    }

    /// Whether any commit has a note about a deployment to the host.
    public func hasNote(of host: String, ref: String = deploymentNotesRef) async throws -> Bool {
        guard let tip = try await notesTip(ref) else { return false }
        let field = String(decoding: try JSONEncoder().encode(["host": host]).dropFirst().dropLast(), as: UTF8.self)
        let arguments = ["grep", "--quiet", "--fixed-strings", "-e", field, tip]
        let output = try await git.run(arguments)
        guard output.status <= 1 else { throw GitError(running: arguments, output, in: root) }
        return output.status == 0
    }

    func notesTip(_ ref: String) async throws -> String? {
        try Self.check(notesRef: ref)
        let output = try await git.run(["rev-parse", "--verify", "--quiet", "--end-of-options", ref])
        return output.status == 0 ? output.line : nil
    }

    private func noteText(on commit: Commit, ref: String) async throws -> String {
        try Self.check(notesRef: ref)
        let arguments = ["notes", "--ref=\(ref)", "show", commit.id]
        let output = try await git.run(arguments)
        if output.status == 0 { return output.text }
        if output.stderr.contains("no note found") { return "" }
        throw GitError(running: arguments, output, in: root)
    }

    /// Refuses a name that cannot be one of notes. It goes into a stream of commands, where a newline would begin
    /// another.
    private static func check(notesRef ref: String) throws {
        guard ref.wholeMatch(of: #/refs\/notes\/[A-Za-z0-9][A-Za-z0-9._\/-]*/#) != nil, !ref.contains("..") else {
            throw GitError.failed(
                command: ["git", "notes"], status: 128,
                words: "invalid ref for notes “\(ref.debugDescription.dropFirst().dropLast())”")
        }
    }

    // MARK: Writing

    /// A commit on a notes ref.
    struct NotesUpdate {
        enum Content {
            case text(String)
            /// The id of a blob.
            case blob(String)
        }

        var message: String
        /// The notes are added to the tree of the first; the ref must be at one of them.
        var parents: [String]
        /// The notes with the ids of their commits.
        var notes: [(commit: String, content: Content)]
    }

    /// Writes what `update` returns; again if the ref was moved in between. nil means that there is nothing to do.
    func updatingNotes(_ ref: String, _ update: () async throws -> NotesUpdate?) async throws {
        let identity = try await git.output(of: ["var", "GIT_COMMITTER_IDENT"]).line
        let attempts = 100
        for attempt in 1...attempts {
            guard let change = try await update() else { return }
            // fast-import moves a ref only forward, and only from where it was at the start.
            let arguments = ["fast-import", "--quiet", "--done", "--date-format=raw"]
            let output = try await git.run(arguments, input: Self.stream(change, ref: ref, identity: identity))
            if output.status == 0 { return }
            let wasMoved = ["Not updating", "cannot lock ref", "Unable to create", "reference already exists"]
                .contains(where: output.stderr.contains)
            guard wasMoved, attempt < attempts else { throw GitError(running: arguments, output, in: root) }
            try await Task.sleep(for: .milliseconds(Int.random(in: 2...30)))
        }
    }

    private static func stream(_ update: NotesUpdate, ref: String, identity: String) -> [UInt8] {
        var stream: [UInt8] = []
        func data(_ text: String) -> [UInt8] { Array("data \(text.utf8.count)\n\(text)\n".utf8) }
        stream += "feature done\ncommit \(ref)\ncommitter \(identity)\n".utf8
        stream += data(update.message.nonEmptyLines.joined(separator: " ") + "\n")
        for (index, parent) in update.parents.enumerated() {
            stream += "\(index == 0 ? "from" : "merge") \(parent)\n".utf8
        }
        for (commit, content) in update.notes {
            switch content {
            case .text(let text): stream += Array("N inline \(commit)\n".utf8) + data(text)
            case .blob(let id): stream += "N \(id) \(commit)\n".utf8
            }
        }
        stream += "done\n".utf8
        return stream
    }
}
