import PlainText

/// The result of sending the notes to the remote. A failure is not one of the deployment.
public enum NotesPush: Sendable, Equatable {
    case pushed(remote: String)
    case upToDate(remote: String)
    /// There are no notes or no remote.
    case nothingToPush
    /// The notes are only here. Worth a warning.
    case failed(remote: String, words: String)
}

extension Repository {
    /// Pushes the notes to the remote of the current branch, merged with those that others have pushed.
    ///
    /// All lines of both sides are kept. If the remote cannot be reached, they go with the next push.
    ///
    /// - Parameters:
    ///   - timeout: The time after which a push or a fetch fails; nil for no limit.
    ///   - progress: Called every ten seconds with a line such as `still pushing notes to origin (20 s)`.
    public func pushNotes(
        ref: String = deploymentNotesRef, timeout: Duration? = nil,
        progress: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws -> NotesPush {
        guard try await notesTip(ref) != nil, let remote = try await notesRemote() else { return .nothingToPush }
        do {
            let access = RemoteAccess.reporting(
                "pushing notes to \(remote)", timeout: timeout, every: .seconds(10), to: progress)
            return try await pushNotes(ref: ref, to: remote, over: access)
        } catch let error as GitError {
            return .failed(remote: remote, words: error.description)
        }
    }

    private func pushNotes(ref: String, to remote: String, over access: RemoteAccess) async throws -> NotesPush {
        var words = ""
        for _ in 0..<5 {
            let output = try await git.run(
                ["push", "--porcelain", "--no-progress", "--no-verify", "--", remote, "\(ref):\(ref)"],
                remote: access)
            let line = output.pushLine(of: ref)
            if output.status == 0 { return line?.first == "=" ? .upToDate(remote: remote) : .pushed(remote: remote) }
            words = output.pushWords(of: ref)
            // Others have pushed before this push, or during it.
            guard let line,
                line.contains("[rejected]") || line.contains("failed to update ref")
                    || words.contains("cannot lock ref")
            else { break }
            if let problem = try await mergeNotes(ref: ref, of: remote, over: access) {
                words = problem
                break
            }
        }
        return .failed(remote: remote, words: words)
    }

    /// Merges the notes of a remote into those here.
    ///
    /// - Returns: Git's message if that fails.
    private func mergeNotes(ref: String, of remote: String, over access: RemoteAccess) async throws -> String? {
        // Not under refs/notes/, where `git log --notes=*` would show every line twice.
        let tracking = "refs/propel/\(remote)/\(ref.dropFirst("refs/".count))"
        let fetch = try await git.run(
            ["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--", remote, "+\(ref):\(tracking)"],
            remote: access)
        guard fetch.status == 0 else { return fetch.stderr.trimmed }
        let theirs = try await git.output(of: ["rev-parse", "--verify", "--end-of-options", tracking]).line
        try await updatingNotes(ref) {
            guard let ours = try await notesTip(ref) else { return nil }
            let isIncluded = try await git.run(["merge-base", "--is-ancestor", "--", theirs, ours]).status == 0
            if isIncluded { return nil }
            let theirBlobs = try await noteBlobs(in: theirs)
            var notes: [(commit: String, content: NotesUpdate.Content)] = []
            for (commit, blob) in try await noteBlobs(in: ours) where theirBlobs[commit] != blob {
                guard let their = theirBlobs[commit] else {
                    notes.append((commit, .blob(blob)))
                    continue
                }
                notes.append((commit, .text(try await union(of: their, and: blob))))
            }
            return NotesUpdate(
                message: "Join the deployments that \(remote) has", parents: [theirs, ours], notes: notes)
        }
        return nil
    }

    /// The blob of each note, by its commit.
    private func noteBlobs(in tip: String) async throws -> [String: String] {
        let output = try await git.output(of: ["ls-tree", "-r", "-z", "--full-tree", "--end-of-options", tip])
        var blobs: [String: String] = [:]
        for entry in output.text.split(separator: "\0") {
            // mode, "blob", id, tab, path; git spreads many notes over folders named after the first digits.
            let parts = entry.split(separator: "\t", maxSplits: 1)
            guard parts.count == 2, let id = parts[0].split(separator: " ").last else { continue }
            let commit = parts[1].filter { $0 != "/" }
            if Commit(id: commit) != nil { blobs[commit] = String(id) }
        }
        return blobs
    }

    /// The lines of the first blob, then those of the second that are not among them.
    private func union(of first: String, and second: String) async throws -> String {
        let lines = try await blob(first).text.nonEmptyLines, others = try await blob(second).text.nonEmptyLines
        let known = Set(lines)
        return (lines + others.filter { !known.contains($0) }).map { "\($0)\n" }.joined()
    }
}
