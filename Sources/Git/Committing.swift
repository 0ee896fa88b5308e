import PlainText

extension Repository {
    /// Commits the changes under some paths, and nothing else.
    ///
    /// Untracked files there are added. Other staged changes stay staged. Hooks run, and the commit is signed if git is
    /// configured to sign. If git refuses, the work tree and the index are restored.
    ///
    /// - Parameters:
    ///   - paths: Files and folders relative to the root, taken literally.
    ///   - key: The fingerprint of an OpenPGP key to sign with, unless the user has configured `commit.gpgSign`.
    /// - Returns: The new commit; nil if nothing is changed under the paths.
    /// - Throws: ``GitError``, among them ``GitError/operationInProgress(_:)``, ``GitError/conflicts(_:)``,
    ///   ``GitError/locked(_:)``, ``GitError/identityMissing(words:)``, ``GitError/signingFailed(words:)``,
    ///   ``GitError/commitRefused(words:)``.
    @discardableResult
    public func commit(paths: [String], message: String, signedWith key: String? = nil) async throws -> Commit? {
        guard !message.trimmed.isEmpty else { throw GitError.emptyMessage }
        guard !paths.isEmpty else { return nil }
        let changes = try await status(of: paths).changes.filter { !$0.isAddedAndGone }
        guard !changes.isEmpty else { return nil }
        if let operation = try await operationInProgress() { throw GitError.operationInProgress(operation) }
        let conflicts = changes.filter { $0.kind == .conflicted }.map(\.path)
        guard conflicts.isEmpty else { throw GitError.conflicts(conflicts) }

        let untracked = changes.filter { $0.kind == .untracked }
        if let nested = untracked.first(where: { $0.path.hasSuffix("/") }) {
            throw GitError.nestedRepository(nested.path)
        }
        // `commit --only` refuses unknown files. The intent to add one stages no content.
        if !untracked.isEmpty { try await retryingWhileLocked(["add", "--intent-to-add"], paths: untracked) }
        // 1: the setting does not exist.
        let signer = try await git.run(["config", "--get", "commit.gpgSign"]).status == 1 ? key : nil
        do {
            try await retryingWhileLocked(
                (signer == nil ? [] : ["-c", "gpg.format=openpgp"])
                    + ["commit", "--quiet", "--only", "--cleanup=whitespace", "--message=\(message)"]
                    + (signer.map { ["--gpg-sign=\($0)"] } ?? []),
                paths: changes)
        } catch {
            if !untracked.isEmpty {
                try? await retryingWhileLocked(
                    ["rm", "--cached", "--force", "--quiet", "--ignore-unmatch"], paths: untracked)
            }
            // A staged change may have been reverted in the work tree: then there is nothing to commit.
            if case GitError.failed = error, try await !differsFromHead(changes) { return nil }
            if case GitError.failed(_, _, let words) = error { throw GitError.commitRefused(words: words) }
            throw error
        }
        return try await head()
    }

    /// Runs git on some paths, and tries again for a second while another git (of an editor, for example) locks the
    /// index.
    private func retryingWhileLocked(_ arguments: [String], paths: [Change]) async throws {
        // On standard input, since a command line may be too short for all paths.
        let list = paths.reduce(into: [UInt8]()) { $0 += $1.pathBytes + [0] }
        let all = arguments + ["--pathspec-from-file=-", "--pathspec-file-nul"]
        for milliseconds in [50, 100, 200, 300, 400] {
            do {
                _ = try await git.output(of: all, input: list)
                return
            } catch GitError.locked {
                try await Task.sleep(for: .milliseconds(milliseconds))
            }
        }
        _ = try await git.output(of: all, input: list)
    }

    private func differsFromHead(_ changes: [Change]) async throws -> Bool {
        guard changes.allSatisfy({ $0.isStaged && $0.isUnstaged }), try await head() != nil else { return true }
        return try await git.run(["diff", "--quiet", "--no-ext-diff", "HEAD", "--"] + changes.map(\.path)).status != 0
    }
}
