import PlainText

extension Repository {
    /// Commits what is changed under `paths` in the work tree, and nothing else.
    ///
    /// Files that are untracked there are added. What else is staged stays staged and uncommitted. The commit is signed where
    /// git is set up to sign, and hooks run. When git refuses, the work tree and the index are as they were.
    ///
    /// - Parameters:
    ///   - paths: Files and folders relative to the root. A name is taken as it is, `*` is no pattern.
    ///   - key: The fingerprint of the OpenPGP key that signs it, unless the user has told git whether to sign
    ///     (`commit.gpgSign`); none by default.
    /// - Returns: The new commit; nil where nothing is changed under `paths`.
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
        // `commit --only` takes no file that git does not know. The intent to add it stages no content.
        if !untracked.isEmpty { try await retryingWhileLocked(["add", "--intent-to-add"], paths: untracked) }
        // 1: there is no such setting.
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
            // What was staged may have been taken back in the work tree: then there is nothing to commit.
            if case GitError.failed = error, try await !differsFromHead(changes) { return nil }
            if case GitError.failed(_, _, let words) = error { throw GitError.commitRefused(words: words) }
            throw error
        }
        return try await head()
    }

    /// Runs git on `paths`, again for about a second while another git (an editor's, say) holds the lock of the index.
    private func retryingWhileLocked(_ arguments: [String], paths: [Change]) async throws {
        // By standard input: there may be more paths than a command line can hold.
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
