import PlainText

extension Repository {
    /// A commit with its parents.
    public struct Link: Sendable, Equatable {
        public var commit: Commit
        public var parents: [Commit]
    }

    /// The commits that are reachable from `last` and not from `first`, parents first.
    public func commits(since first: Commit, until last: Commit) async throws -> [Link] {
        let output = try await git.output(of: [
            "rev-list", "--topo-order", "--reverse", "--parents", last.id, "^" + first.id,
        ])
        return output.text.nonEmptyLines.compactMap { line in
            let ids = line.split(separator: " ").compactMap { Commit(id: String($0)) }
            return ids.first.map { Link(commit: $0, parents: Array(ids.dropFirst())) }
        }
    }

    /// Whether one commit is the other or an ancestor of it.
    public func isAncestor(_ ancestor: Commit, of descendant: Commit) async throws -> Bool {
        let arguments = ["merge-base", "--is-ancestor", ancestor.id, descendant.id]
        let output = try await git.run(arguments)
        // 1: it is not. 128: the commit does not exist.
        guard output.status <= 1 || output.stderr.contains("Not a valid commit name") else {
            throw GitError(running: arguments, output, in: root)
        }
        return output.status == 0
    }

    /// The id of the file or folder at a path of a commit; nil if there is nothing.
    public func object(at path: String, of commit: Commit) async throws -> String? {
        let output = try await git.run(["rev-parse", "--verify", "--quiet", "--end-of-options", "\(commit.id):\(path)"])
        return output.status == 0 ? output.line : nil
    }

    /// The content of a file in a commit; nil if there is no such file.
    public func file(_ path: String, of commit: Commit) async throws -> [UInt8]? {
        guard let id = try await object(at: path, of: commit) else { return nil }
        return try await blob(id).stdout
    }

    /// The content of a blob by its id.
    func blob(_ id: String) async throws -> GitCommand.Output { try await git.output(of: ["cat-file", "blob", id]) }

    /// The files of a folder in a commit, by name, without subfolders; empty if there is no such folder.
    public func files(in path: String, of commit: Commit) async throws -> [String: [UInt8]] {
        guard let tree = try await object(at: path, of: commit) else { return [:] }
        var files: [String: [UInt8]] = [:]
        for entry in try await git.output(of: ["ls-tree", "-z", tree]).stdout.split(separator: 0) {
            // MODE TYPE ID<tab>NAME. Links and folders do not count.
            let fields = entry.split(separator: UInt8(ascii: "\t"), maxSplits: 1).map {
                String(decoding: $0, as: UTF8.self)
            }
            let kind = fields[0].split(separator: " ").map(String.init)
            guard fields.count == 2, kind.count == 3, kind[0].hasPrefix("100"), kind[1] == "blob" else { continue }
            files[fields[1]] = try await blob(kind[2]).stdout
        }
        return files
    }

    /// The commit of a ref; nil if there is no such ref.
    public func commit(at ref: String) async throws -> Commit? {
        // `git rev-parse` would also take a tag of that name, which anybody can push.
        let output = try await git.run(["show-ref", "--verify", "--hash", "--", ref])
        return output.status == 0 ? Commit(id: output.line) : nil
    }

    /// Sets a ref to a commit.
    public func set(_ ref: String, to commit: Commit) async throws {
        _ = try await git.output(of: ["update-ref", "--end-of-options", ref, commit.id])
    }
}
