/// The differences in a directory that comes from the repository, as one change.
struct TreeChanges {
    private let root: FilePath
    /// The reasons of new files and directories that have nothing special.
    private let usualCreations: [String]
    private var own: String?
    private var reasons: [String] = []
    private var diffs: [(name: String, diff: Diff)] = []
    private var contents: [RepositoryContent] = []

    /// The number of files that a reason names.
    private static let nameLimit = 10

    init(of root: FilePath, files: FileMode, directories: FileMode, owner: String, group: String?) {
        self.root = root
        usualCreations = [files, files.executable(if: true), directories].map { mode in
            "create with \(described(mode: mode, owner: owner, group: group))"
        }
    }

    /// Adds the check of the directory itself, or of something in it.
    mutating func add(_ path: FilePath, _ check: Check) {
        guard case .unmet(let change) = check else { return }
        contents += change.contents
        guard path.lexicallyNormalized() != root.lexicallyNormalized() else {
            own = change.reason
            return
        }
        let name = String(path.string.dropFirst(root.lexicallyNormalized().string.count + 1))
        var reason = change.reason
        for creation in usualCreations where reason.hasPrefix(creation) {
            reason = "create" + reason.dropFirst(creation.count)
        }
        reasons.append("\(name): \(reason)")
        if let diff = change.diff { diffs.append((name, diff)) }
    }

    /// All of them as one check.
    var check: Check {
        let more = reasons.count - Self.nameLimit
        let shown = (own.map { [$0] } ?? []) + reasons.prefix(Self.nameLimit) + (more > 0 ? ["and \(more) more"] : [])
        return .unmet(
            unlessEmpty: shown, diff: diffs.isEmpty ? nil : Diff(of: diffs), contents: contents)
    }
}
