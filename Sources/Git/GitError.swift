/// Why the configuration's git could not do what was asked for. Its description says what to do next.
public enum GitError: Error, Sendable, Equatable {
    case notInstalled
    case noSuchDirectory(String)
    case notARepository(directory: String)
    /// A bare repository, or the inside of a `.git` folder.
    case noWorkTree(directory: String)
    /// git refuses to use what another user owns (safe.directory in git-config(1)).
    case dubiousOwnership(words: String)
    case operationInProgress(UnfinishedOperation)
    /// Paths with unresolved conflicts.
    case conflicts([String])
    /// A folder under the paths is a git repository of its own.
    case nestedRepository(String)
    case emptyMessage
    /// Another process works on the repository, or one that crashed left its lock.
    case locked(Lock)
    /// No `user.name` or `user.email`.
    case identityMissing(words: String)
    /// The commit could not be signed.
    case signingFailed(words: String)
    /// git did not commit, most often because a hook refused.
    case commitRefused(words: String)
    /// The remote has what this clone does not have.
    case pushRejected(remote: String, branch: String, words: String)
    /// The remote could not be reached, or it refused.
    case pushFailed(remote: String, words: String)
    case tookTooLong(command: [String], limit: Duration)
    case notACommit(String)
    /// Anything else.
    case failed(command: [String], status: Int32, words: String)

    /// The error that `output` tells of.
    init(running arguments: [String], _ output: GitCommand.Output, in directory: String) {
        let words = output.stderr.trimmed.isEmpty ? output.text.trimmed : output.stderr.trimmed
        if words.contains("detected dubious ownership") {
            self = .dubiousOwnership(words: words)
        } else if words.contains("not a git repository") {
            self = .notARepository(directory: directory)
        } else if words.contains("must be run in a work tree") {
            self = .noWorkTree(directory: directory)
        } else if let lock = Lock(words: words) {
            self = .locked(lock)
        } else if words.contains("tell me who you are") || words.contains("empty ident name")
            || words.contains("unable to auto-detect email") || words.contains("no email was given")
            || words.contains("no name was given")
        {
            self = .identityMissing(words: words)
        } else if words.contains("failed to sign")
            || words.contains("failed to write commit object") && words.contains("sign")
        {
            self = .signingFailed(words: words)
        } else {
            self = .failed(command: ["git"] + arguments, status: output.status, words: words)
        }
    }
}

extension GitError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .notInstalled:
            "git is not installed; apt-get install git, or run with --no-commit"
        case .noSuchDirectory(let directory):
            "there is no folder \(directory.debugDescription)"
        case .notARepository(let directory):
            "\(directory.debugDescription) is not in a git repository; "
                + "make it one (git init && git add . && git commit), or run with --no-commit"
        case .noWorkTree(let directory):
            "\(directory.debugDescription) is a git repository without a work tree (a bare one, or the inside of .git); "
                + "run in a clone of it"
        case .dubiousOwnership(let words):
            "git does not trust this repository, since another user owns it:\n\(words.indented)\n"
                + "Run as its owner, or, if you trust whoever can write there, use the command that git names."
        case .operationInProgress(let operation):
            operation.description
        case .conflicts(let paths):
            "these files have conflicts: \(paths.map(\.debugDescription).joined(separator: ", ")); "
                + "resolve them and git add them first"
        case .nestedRepository(let path):
            "\(path.debugDescription) is a git repository of its own and cannot be committed with the configuration; "
                + "move it away, or make it a submodule"
        case .emptyMessage:
            "a commit needs a message"
        case .locked(let lock):
            lock.description
        case .identityMissing(let words):
            """
            git does not know who commits. Tell it, then run again:
              git config --global user.name "Your Name"
              git config --global user.email you@example.com
            git said:
            \(words.indented)
            """
        case .signingFailed(let words):
            """
            the commit could not be signed, so nothing was committed; your changes are as they were:
            \(words.indented)
            Test the key with: echo test | gpg --clearsign   (or check user.signingKey and gpg.format)
            Without a signature: git config commit.gpgSign false
            """
        case .commitRefused(let words):
            "git did not commit (a hook may have refused); your changes are as they were:\n\(words.indented)"
        case .pushRejected(let remote, let branch, let words):
            """
            \(remote) has commits on \(branch) that are not here, so nothing was pushed:
            \(words.indented)
            Get them, then run again: git pull --rebase \(remote) \(branch)
            """
        case .pushFailed(let remote, let words):
            "the push to \(remote) failed:\n\(words.indented)\nThe commit is here; git push sends it once that is settled."
        case .tookTooLong(let command, let limit):
            "\(command.joined(separator: " ")) took longer than \(limit) and was ended"
        case .notACommit(let id):
            "\(id.debugDescription) is not the id of a commit"
        case .failed(let command, let status, let words):
            "\(command.joined(separator: " ")) failed with status \(status):\n\(words.indented)"
        }
    }
}

extension String {
    var indented: String {
        split(separator: "\n", omittingEmptySubsequences: false).map { $0.isEmpty ? "" : "  \($0)" }.joined(
            separator: "\n")
    }
}
