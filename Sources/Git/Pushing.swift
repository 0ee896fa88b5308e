import PlainText

/// The result of a push.
public enum PushResult: Sendable, Equatable {
    /// - Parameter setUpstream: Whether the branch tracks the remote's from now on and tracked none before.
    case pushed(remote: String, branch: String, setUpstream: Bool)
    case upToDate(remote: String, branch: String)
    case skipped(Reason)

    /// Why nothing was pushed.
    public enum Reason: Sendable, Equatable {
        case noRemote
        case detachedHead
        case noCommit
        /// There are several remotes, none is `origin`, and none was chosen.
        case ambiguousRemote([String])
        /// The branch tracks one with another name, and push.default does not push there.
        case differentName(branch: String, upstream: String)
    }
}

extension PushResult: CustomStringConvertible {
    public var description: String {
        switch self {
        case .pushed(let remote, let branch, let setUpstream):
            "pushed \(branch) to \(remote)" + (setUpstream ? " and set it as upstream" : "")
        case .upToDate(let remote, let branch): "\(remote) already has \(branch)"
        case .skipped(let reason): "not pushed: \(reason)"
        }
    }
}

extension PushResult.Reason: CustomStringConvertible {
    public var description: String {
        switch self {
        case .noRemote: "the repository has no remote"
        case .detachedHead: "no branch is checked out (detached HEAD): switch to one with git switch"
        case .noCommit: "the branch has no commit yet"
        case .ambiguousRemote(let remotes):
            "the branch tracks none of the remotes \(remotes.joined(separator: ", ")): "
                + "choose one with git push -u REMOTE HEAD"
        case .differentName(let branch, let upstream):
            "\(branch) tracks \(upstream), which has another name: push it yourself, or set push.default to upstream"
        }
    }
}

extension Repository {
    /// Pushes the current branch to where git would push it.
    ///
    /// A branch without an upstream goes to the only remote, or to `origin`, under its own name, and tracks it from
    /// then on. Nothing is asked: a password or passphrase that no agent or credential helper knows is an error. Hooks
    /// may take any time.
    ///
    /// - Parameters:
    ///   - timeout: The time after which the push fails; nil for no limit.
    ///   - progressInterval: The time between two reports of progress.
    ///   - progress: Called with a line such as `still pushing to origin (20 s): remote: running the tests`.
    /// - Throws: ``GitError/pushRejected(remote:branch:words:)`` if the remote has commits that are not here,
    ///   ``GitError/pushFailed(remote:words:)`` if it cannot be reached or refuses.
    @discardableResult
    public func push(
        timeout: Duration? = nil, progressInterval: Duration = .seconds(10),
        progress: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws -> PushResult {
        guard let ref = try await branchRef() else { return .skipped(.detachedHead) }
        let branch = String(ref.dropFirst("refs/heads/".count))
        guard try await head() != nil else { return .skipped(.noCommit) }

        let destination: Destination
        switch try await self.destination(of: ref, branch: branch) {
        case .success(let found): destination = found
        case .failure(let reason): return .skipped(reason)
        }
        let arguments =
            ["push", "--porcelain", "--no-progress"] + (destination.isNew ? ["--set-upstream"] : [])
            + ["--", destination.remote, "\(ref):\(destination.ref)"]
        let output = try await git.run(
            arguments,
            remote: .reporting(
                "pushing to \(destination.remote)", timeout: timeout, every: progressInterval, to: progress))
        let line = output.pushLine(of: ref)
        guard output.status == 0 else {
            let words = output.pushWords(of: ref)
            if let line,
                line.contains("(fetch first)") || line.contains("(non-fast-forward)") || line.contains("(needs force)")
            {
                let remoteBranch = String(destination.ref.dropFirst("refs/heads/".count))
                throw GitError.pushRejected(remote: destination.remote, branch: remoteBranch, words: words)
            }
            throw GitError.pushFailed(remote: destination.remote, words: words)
        }
        if line?.first == "=", !destination.isNew { return .upToDate(remote: destination.remote, branch: branch) }
        return .pushed(remote: destination.remote, branch: branch, setUpstream: destination.isNew)
    }

    /// The ref of the branch that is checked out; nil if HEAD is detached.
    private func branchRef() async throws -> String? {
        let symbolic = try await git.run(["symbolic-ref", "--quiet", "HEAD"])
        return symbolic.status == 0 && symbolic.line.hasPrefix("refs/heads/") ? symbolic.line : nil
    }

    private struct Destination {
        var remote: String
        var ref: String
        /// Whether the branch has no upstream yet.
        var isNew: Bool
    }

    private enum Choice {
        case success(Destination)
        case failure(PushResult.Reason)
    }

    private func destination(of ref: String, branch: String) async throws -> Choice {
        let atoms = [
            "push:remotename", "push:remoteref", "push", "upstream:remotename", "upstream:remoteref", "upstream",
            "upstream:short",
        ]
        let format = atoms.map { "%(\($0))" }.joined(separator: "%00")
        let fields = try await git.output(of: ["for-each-ref", "--format=\(format)", "--", ref]).line
            .split(separator: "\0", omittingEmptySubsequences: false).map(String.init)
        let remotes = try await remotes()
        guard fields.count == atoms.count, !remotes.isEmpty else { return .failure(.noRemote) }
        let (pushRemote, pushRef, pushTracking) = (fields[0], fields[1], fields[2])
        let (upstreamRemote, upstreamRef, upstreamTracking) = (fields[3], fields[4], fields[5])
        if remotes.contains(pushRemote) {
            // Git knows where to: from remote.*.push, or from push.default with the upstream or the name of the branch.
            if !pushRef.isEmpty { return .success(Destination(remote: pushRemote, ref: pushRef, isNew: false)) }
            if !pushTracking.isEmpty {
                let name = pushTracking == upstreamTracking ? upstreamRef : ref
                return .success(Destination(remote: pushRemote, ref: name, isNew: false))
            }
            if upstreamRef == ref { return .success(Destination(remote: pushRemote, ref: ref, isNew: false)) }
        }
        if !upstreamRemote.isEmpty { return .failure(.differentName(branch: branch, upstream: fields[6])) }
        let remote = remotes.contains(pushRemote) ? pushRemote : try await defaultRemote(among: remotes)
        guard let remote else { return .failure(.ambiguousRemote(remotes)) }
        return .success(Destination(remote: remote, ref: ref, isNew: true))
    }

    func remotes() async throws -> [String] {
        try await git.output(of: ["remote"]).text.nonEmptyLines.map(String.init)
    }

    private func defaultRemote(among remotes: [String]) async throws -> String? {
        remotes.count == 1 ? remotes.first : remotes.first { $0 == "origin" }
    }

    /// The remote that the notes go to: the one of the current branch, otherwise the only one, otherwise `origin`.
    func notesRemote() async throws -> String? {
        let remotes = try await remotes()
        if let branch = try await branchRef() {
            let arguments = ["for-each-ref", "--format=%(push:remotename)", "--", branch]
            let remote = try await git.output(of: arguments).line
            if remotes.contains(remote) { return remote }
        }
        return try await defaultRemote(among: remotes)
    }
}

extension GitCommand.Output {
    /// The line about a ref in the output of `git push --porcelain`: flag, tab, from:to, tab, summary (git-push(1),
    /// OUTPUT).
    func pushLine(of ref: String) -> Substring? {
        text.nonEmptyLines.first { $0.dropFirst().hasPrefix("\t\(ref):") }
    }

    /// The words of a push that failed.
    func pushWords(of ref: String) -> String {
        [pushLine(of: ref).map(String.init), stderr.trimmed].compactMap(\.self).joined(separator: "\n")
    }
}
