import PlainText

/// What became of sending the notes to the remote. No failure here is one of the deployment.
public enum NotesPush: Sendable, Equatable {
    case pushed(remote: String)
    case upToDate(remote: String)
    /// There are no notes, or no remote for them.
    case nothingToPush
    /// The notes are here; the remote does not have them yet. For a warning.
    case failed(remote: String, words: String)
}

extension Repository {
    /// Sends the notes to the remote of the current branch, after joining those that others sent there.
    ///
    /// The notes of both sides stay, line by line. Where the remote cannot be reached they go with the next push.
    public func pushNotes(
        ref: String = deploymentNotesRef, timeLimit: Duration = .seconds(60)
    ) async throws -> NotesPush {
        guard try await notesTip(ref) != nil, let remote = try await notesRemote() else { return .nothingToPush }
        do {
            return try await pushNotes(ref: ref, to: remote, timeLimit: timeLimit)
        } catch let error as GitError {
            return .failed(remote: remote, words: error.description)
        }
    }

    private func pushNotes(ref: String, to remote: String, timeLimit: Duration) async throws -> NotesPush {
        var words = ""
        for _ in 0..<5 {
            let output = try await git.run(
                ["push", "--porcelain", "--no-progress", "--no-verify", "--", remote, "\(ref):\(ref)"],
                timeLimit: timeLimit)
            let line = output.text.split(separator: "\n").first { $0.dropFirst().hasPrefix("\t\(ref):") }
            if output.status == 0 { return line?.first == "=" ? .upToDate(remote: remote) : .pushed(remote: remote) }
            words = [line.map(String.init), output.stderr.trimmed].compactMap { $0 }.joined(separator: "\n")
            // Others were faster, before this push or during it.
            guard let line,
                line.contains("[rejected]") || line.contains("failed to update ref")
                    || words.contains("cannot lock ref")
            else { break }
            if let problem = try await joinNotes(ref: ref, of: remote, timeLimit: timeLimit) {
                words = problem
                break
            }
        }
        return .failed(remote: remote, words: words)
    }

    /// Joins the notes that `remote` has into those here.
    ///
    /// - Returns: What went wrong, in git's words.
    private func joinNotes(ref: String, of remote: String, timeLimit: Duration) async throws -> String? {
        // Not under refs/notes/, where `git log --notes=*` would show every line twice.
        let tracking = "refs/propel/\(remote)/\(ref.dropFirst("refs/".count))"
        let fetch = try await git.run(
            ["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--", remote, "+\(ref):\(tracking)"],
            timeLimit: timeLimit)
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

    /// The blob of each note, by the commit that it is on.
    private func noteBlobs(in tip: String) async throws -> [String: String] {
        let output = try await git.output(of: ["ls-tree", "-r", "-z", "--full-tree", "--end-of-options", tip])
        var blobs: [String: String] = [:]
        for entry in output.text.split(separator: "\0") {
            // mode, "blob", id, tab, path; git spreads many notes over folders named by the first digits.
            let parts = entry.split(separator: "\t", maxSplits: 1)
            guard parts.count == 2, let id = parts[0].split(separator: " ").last else { continue }
            let commit = parts[1].filter { $0 != "/" }
            if Commit(id: commit) != nil { blobs[commit] = String(id) }
        }
        return blobs
    }

    /// The lines of `first`, then those of `second` that are not among them.
    private func union(of first: String, and second: String) async throws -> String {
        let a = try await git.output(of: ["cat-file", "blob", first]).text.split(separator: "\n")
        let b = try await git.output(of: ["cat-file", "blob", second]).text.split(separator: "\n")
        let known = Set(a)
        return (a + b.filter { !known.contains($0) }).map { "\($0)\n" }.joined()
    }
}
