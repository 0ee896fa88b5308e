import PlainText

/// A failure of git in the repository of the configuration. Its description says what to do next.
public enum GitError: Error, Sendable, Equatable {
    case notInstalled
    case noSuchDirectory(String)
    case notARepository(directory: String)
    /// A bare repository, or the inside of a `.git` folder.
    case noWorkTree(directory: String)
    /// Git refuses to use a repository of another user (safe.directory in git-config(1)).
    case dubiousOwnership(words: String)
    case operationInProgress(UnfinishedOperation)
    /// Paths with unresolved conflicts.
    case conflicts([String])
    /// A folder under the paths is a git repository itself.
    case nestedRepository(String)
    case emptyMessage
    /// Another process uses the repository, or one that crashed has left its lock.
    case locked(Lock)
    /// No `user.name` or `user.email`.
    case identityMissing(words: String)
    /// The commit could not be signed.
    case signingFailed(words: String)
    /// Git did not commit, most often because of a hook.
    case commitRefused(words: String)
    /// The remote has commits that this clone does not have.
    case pushRejected(remote: String, branch: String, words: String)
    /// The remote could not be reached or has refused.
    case pushFailed(remote: String, words: String)
    case timedOut(command: [String], after: Duration)
    case notACommit(String)
    /// Anything else.
    case failed(command: [String], status: Int32, words: String)

    /// Recognizes an error in the output of git.
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
            "git is not installed: run apt-get install git, or use --no-commit"
        case .noSuchDirectory(let directory):
            "no such folder: \(directory.quoted)"
        case .notARepository(let directory):
            "\(directory.quoted) is not in a git repository: "
                + "run git init && git add . && git commit, or use --no-commit"
        case .noWorkTree(let directory):
            "\(directory.quoted) has no work tree (a bare repository, or the inside of .git): run in a clone of it"
        case .dubiousOwnership(let words):
            "git does not trust this repository, since another user owns it:\n\(words.indented)\n"
                + "Run as its owner, or, if you trust everybody who can write there, use the command above."
        case .operationInProgress(let operation):
            operation.description
        case .conflicts(let paths):
            "conflicts in \(paths.map(\.quoted).joined(separator: ", ")): resolve them, then git add"
        case .nestedRepository(let path):
            "\(path.quoted) is a git repository inside the configuration: move it away, or make it a submodule"
        case .emptyMessage:
            "the message of the commit is empty"
        case .locked(let lock):
            lock.description
        case .identityMissing(let words):
            """
            git has no name and email address for the commit. Set them, then run again:
              git config --global user.name "Your Name"
              git config --global user.email you@example.com
            git said:
            \(words.indented)
            """
        case .signingFailed(let words):
            """
            the commit could not be signed; nothing was committed and nothing is lost:
            \(words.indented)
            Test the key with: echo test | gpg --clearsign   (or check user.signingKey and gpg.format)
            Without a signature: git config commit.gpgSign false
            """
        case .commitRefused(let words):
            "git did not commit, perhaps because of a hook; nothing is lost:\n\(words.indented)"
        case .pushRejected(let remote, let branch, let words):
            """
            \(remote) has commits on \(branch) that are not here; nothing was pushed:
            \(words.indented)
            Fetch them, then run again: git pull --rebase \(remote) \(branch)
            """
        case .pushFailed(let remote, let words):
            "the push to \(remote) failed; the commit is only here:\n\(words.indented)\n"
                + "When the cause is fixed, run git push."
        case .timedOut(let command, let timeout):
            "\(command.joined(separator: " ")) did not end within \(timeout)"
        case .notACommit(let id):
            "\(id.quoted) is not the id of a commit"
        case .failed(let command, let status, let words):
            "\(command.joined(separator: " ")) failed with status \(status):\n\(words.indented)"
        }
    }
}

extension String {
    /// The text in “quotes”, for a message.
    fileprivate var quoted: String { "“\(escaped)”" }

    /// The text with each line indented, as a part of a message.
    var indented: String { lines.map { $0.isEmpty ? "" : "  \($0)" }.joined(separator: "\n") }
}
