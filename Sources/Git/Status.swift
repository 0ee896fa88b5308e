/// How the work tree differs from the commit that is checked out.
public struct Status: Sendable, Equatable {
    /// nil on a branch without a commit.
    public var head: Commit?
    /// nil where HEAD is detached.
    public var branch: String?
    /// Such as `origin/main`; nil where the branch tracks none, or one that is not there yet (the clone of an empty
    /// repository).
    public var upstream: String?
    /// How many commits the upstream does not have. 0 without an upstream.
    public var ahead = 0
    /// How many commits of the upstream are not here, as far as it was fetched. 0 without an upstream.
    public var behind = 0
    /// In the order in which git lists them.
    public var changes: [Change] = []

    /// Nothing is changed, staged or untracked (ignored files do not count).
    public var isClean: Bool { changes.isEmpty }
}

/// A file that is not as it is in the commit.
public struct Change: Sendable, Equatable, CustomStringConvertible {
    /// How it differs.
    public enum Kind: String, Sendable {
        case added, modified, deleted, typeChanged = "type changed", untracked, conflicted
    }

    public var kind: Kind
    /// A part of it is in the index.
    public var isStaged: Bool
    /// A part of it is only in the work tree.
    public var isUnstaged: Bool
    /// The bytes of the path, which need not be UTF-8.
    let pathBytes: [UInt8]

    /// Relative to the root; an untracked folder that is a repository of its own ends with a slash.
    public var path: String { String(decoding: pathBytes, as: UTF8.self) }

    public var description: String { "\(kind.rawValue) \(path)" }

    /// It was staged as new and is gone from the work tree: a commit of the work tree has nothing of it.
    var isAddedAndGone: Bool { kind == .deleted && isStaged && isUnstaged }
}

extension Repository {
    /// The state of `paths`, or of everything.
    ///
    /// One process, `git status`, which takes no lock. Every run begins with it.
    ///
    /// - Parameter paths: Files and folders relative to the root; empty: all. A name is taken as it is, `*` is no pattern.
    public func status(of paths: [String] = []) async throws -> Status {
        var arguments = [
            "--no-optional-locks", "status", "--porcelain=v2", "--branch", "--ahead-behind", "--untracked-files=all",
            "--ignore-submodules=none", "--no-renames", "-z",
        ]
        if !paths.isEmpty { arguments += ["--"] + paths }
        return Status(porcelain: try await git.output(of: arguments).stdout)
    }

    /// Whether nothing at all is changed, staged or untracked.
    public func isClean() async throws -> Bool { try await status().isClean }

    /// What is staged, unstaged or untracked under `paths`, such as `hosts.conf`, `Sources/Hosts` and `secrets`.
    public func changedConfiguration(paths: [String]) async throws -> [Change] {
        try await status(of: paths).changes
    }
}

extension Status {
    /// Reads `git status --porcelain=v2 --branch -z`, see git-status(1).
    init(porcelain bytes: [UInt8]) {
        var entries = bytes.split(separator: 0)[...]
        var upstreamName: String?
        while let entry = entries.popFirst() {
            switch entry.first {
            case UInt8(ascii: "#"): readBranch(String(decoding: entry, as: UTF8.self), upstreamName: &upstreamName)
            case UInt8(ascii: "?"):
                changes.append(
                    Change(kind: .untracked, isStaged: false, isUnstaged: true, pathBytes: [UInt8](entry.dropFirst(2))))
            case UInt8(ascii: "1"): readChange(entry, fields: 8)
            case UInt8(ascii: "2"):
                readChange(entry, fields: 9)
                _ = entries.popFirst()
            case UInt8(ascii: "u"): readChange(entry, fields: 10)
            default: break
            }
        }
    }

    private mutating func readBranch(_ line: String, upstreamName: inout String?) {
        let fields = line.split(separator: " ", maxSplits: 2).map(String.init)
        guard fields.count == 3 else { return }
        switch fields[1] {
        case "branch.oid": head = Commit(id: fields[2])
        case "branch.head": branch = fields[2] == "(detached)" ? nil : fields[2]
        case "branch.upstream": upstreamName = fields[2]
        case "branch.ab":
            // Without this line the upstream is set up only: there is no such ref.
            upstream = upstreamName
            let counts = fields[2].split(separator: " ").compactMap { Int($0.dropFirst()) }
            if counts.count == 2 { (ahead, behind) = (counts[0], counts[1]) }
        default: break
        }
    }

    /// `fields` of them, with a space behind each, then the path, which may hold spaces.
    private mutating func readChange(_ entry: ArraySlice<UInt8>, fields: Int) {
        let parts = entry.split(separator: UInt8(ascii: " "), maxSplits: fields, omittingEmptySubsequences: false)
        guard parts.count == fields + 1, parts[1].count == 2, let x = parts[1].first, let y = parts[1].last else {
            return
        }
        let unchanged = UInt8(ascii: ".")
        let kind: Change.Kind =
            if parts[0].first == UInt8(ascii: "u") { .conflicted } else {
                switch (x, y) {
                case (_, UInt8(ascii: "D")), (UInt8(ascii: "D"), _): .deleted
                case (UInt8(ascii: "A"), _), (_, UInt8(ascii: "A")): .added
                case (UInt8(ascii: "T"), _), (_, UInt8(ascii: "T")): .typeChanged
                default: .modified
                }
            }
        changes.append(
            Change(kind: kind, isStaged: x != unchanged, isUnstaged: y != unchanged, pathBytes: [UInt8](parts[fields])))
    }
}
