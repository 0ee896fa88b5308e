/// The differences between the work tree and the commit that is checked out.
public struct Status: Sendable, Equatable {
    /// nil on a branch without a commit.
    public var head: Commit?
    /// nil if HEAD is detached.
    public var branch: String?
    /// The upstream branch, such as `origin/main`; nil if there is none, or if it does not exist yet (the clone of an
    /// empty repository).
    public var upstream: String?
    /// The number of commits that the upstream does not have; 0 without an upstream.
    public var ahead = 0
    /// The number of fetched commits of the upstream that are not here; 0 without an upstream.
    public var behind = 0
    /// In the order of git.
    public var changes: [Change] = []

    /// Whether nothing is changed, staged or untracked. Ignored files do not count.
    public var isClean: Bool { changes.isEmpty }
}

/// A file that differs from the commit.
public struct Change: Sendable, Equatable, CustomStringConvertible {
    /// The kind of a difference.
    public enum Kind: String, Sendable {
        case added, modified, deleted, typeChanged = "type changed", untracked, conflicted
    }

    public var kind: Kind
    /// Whether a part of the change is in the index.
    public var isStaged: Bool
    /// Whether a part of the change is only in the work tree.
    public var isUnstaged: Bool
    /// The bytes of the path, which need not be UTF-8.
    let pathBytes: [UInt8]

    /// Relative to the root. An untracked folder that is a git repository ends with a slash.
    public var path: String { String(decoding: pathBytes, as: UTF8.self) }

    public var description: String { "\(kind.rawValue) \(path)" }

    /// Whether the file was staged as new and then deleted, so that a commit of the work tree does not contain it.
    var isAddedAndGone: Bool { kind == .deleted && isStaged && isUnstaged }
}

extension Repository {
    /// Reads the status of some paths, or of everything.
    ///
    /// Starts one process, which takes no lock.
    ///
    /// - Parameter paths: Files and folders relative to the root, taken literally; empty for all.
    public func status(of paths: [String] = []) async throws -> Status {
        var arguments = [
            "--no-optional-locks", "status", "--porcelain=v2", "--branch", "--ahead-behind", "--untracked-files=all",
            "--ignore-submodules=none", "--no-renames", "-z",
        ]
        if !paths.isEmpty { arguments += ["--"] + paths }
        return Status(porcelain: try await git.output(of: arguments).stdout)
    }

    /// Whether nothing is changed, staged or untracked.
    public func isClean() async throws -> Bool { try await status().isClean }
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
            // Without this line, the upstream is configured but does not exist.
            upstream = upstreamName
            let counts = fields[2].split(separator: " ").compactMap { Int($0.dropFirst()) }
            if counts.count == 2 { (ahead, behind) = (counts[0], counts[1]) }
        default: break
        }
    }

    /// Reads an entry of the given number of fields, each followed by a space, and of the path, which may contain
    /// spaces.
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
