/// The git repository of a configuration.
///
/// Everything is done by the `git` program, so that hooks, signing, includes and credentials work as the user set them up.
public struct Repository: Sendable {
    /// The top of the work tree, absolute. Paths are relative to it.
    public let root: String
    let git: GitCommand

    /// The repository whose work tree `directory` is in.
    ///
    /// - Parameter environment: Laid over the environment of this process for every git.
    /// - Throws: ``GitError/notARepository(directory:)``, ``GitError/noWorkTree(directory:)``,
    ///   ``GitError/dubiousOwnership(words:)``, ``GitError/noSuchDirectory(_:)``, ``GitError/notInstalled``.
    public init(containing directory: String, environment: [String: String] = [:]) async throws {
        let here = GitCommand(directory: directory, environment: environment)
        root = try await here.output(of: ["rev-parse", "--show-toplevel"]).line
        git = GitCommand(directory: root, environment: environment)
    }

    /// The commit that is checked out; nil on a branch without one.
    public func head() async throws -> Commit? {
        let arguments = ["rev-parse", "--verify", "--quiet", "--end-of-options", "HEAD^{commit}"]
        let output = try await git.run(arguments)
        switch output.status {
        case 0: return Commit(id: output.line)
        case 1: return nil
        default: throw GitError(running: arguments, output, in: root)
        }
    }

    /// What git has begun here and not finished; nil: nothing.
    public func operationInProgress() async throws -> UnfinishedOperation? {
        // Of the work tree: a linked one has a rebase of its own.
        UnfinishedOperation(in: try await git.output(of: ["rev-parse", "--absolute-git-dir"]).line)
    }
}

/// A commit.
public struct Commit: Sendable, Hashable, CustomStringConvertible {
    /// 40 hexadecimal digits, or 64 in a repository of SHA-256.
    public let id: String

    /// - Returns: nil where `id` is not a whole id.
    public init?(id: String) {
        guard id.utf8.count == 40 || id.utf8.count == 64,
            id.utf8.allSatisfy({ byte in
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
            })
        else { return nil }
        self.id = id
    }

    /// The first 12 digits, for people.
    public var description: String { String(id.prefix(12)) }
}
