import PlainText

/// The git repository of a configuration.
///
/// Everything is done by the `git` program, so that hooks, signing, includes and credentials work as configured.
public struct Repository: Sendable {
    /// The top of the work tree, absolute. Paths are relative to it.
    public let root: String
    let git: GitCommand

    /// Finds the repository of a directory.
    ///
    /// - Parameter environment: Variables that every git gets in addition to the environment of this process.
    /// - Throws: ``GitError/notARepository(directory:)``, ``GitError/noWorkTree(directory:)``,
    ///   ``GitError/dubiousOwnership(words:)``, ``GitError/noSuchDirectory(_:)``, ``GitError/notInstalled``.
    public init(containing directory: String, environment: [String: String] = [:]) async throws {
        let here = GitCommand(directory: directory, environment: environment)
        root = try await here.output(of: ["rev-parse", "--show-toplevel"]).line
        git = GitCommand(directory: root, environment: environment)
    }

    /// The commit that is checked out; nil on a branch without a commit.
    public func head() async throws -> Commit? {
        let arguments = ["rev-parse", "--verify", "--quiet", "--end-of-options", "HEAD^{commit}"]
        let output = try await git.run(arguments)
        switch output.status {
        case 0: return Commit(id: output.line)
        case 1: return nil
        default: throw GitError(running: arguments, output, in: root)
        }
    }

    /// The operation that is in progress in the work tree, if any.
    public func operationInProgress() async throws -> UnfinishedOperation? {
        // Each linked work tree has its own git directory.
        UnfinishedOperation(in: try await git.output(of: ["rev-parse", "--absolute-git-dir"]).line)
    }
}

/// A commit.
public struct Commit: Sendable, Hashable, CustomStringConvertible {
    /// 40 hexadecimal digits, or 64 in a repository of SHA-256.
    public let id: String

    /// Accepts only a whole id.
    public init?(id: String) {
        guard [40, 64].contains(id.utf8.count), id.utf8.allSatisfy(\.isLowercaseHexadecimalDigit) else { return nil }
        self.id = id
    }

    /// The first 12 digits, for people.
    public var description: String { String(id.prefix(12)) }
}
