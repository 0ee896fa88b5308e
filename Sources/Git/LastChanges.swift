extension Repository {
    /// When each file under `path` was last changed by a commit, as `2026-11-21`, by the committer's clock.
    ///
    /// - Parameter path: relative to the root. A name is taken as it is, `*` is no pattern.
    /// - Returns: by path relative to the root. A file that no commit has is not in it.
    public func lastChanges(under path: String) async throws -> [String: String] {
        guard try await head() != nil else { return [:] }
        // No renames: a secret that was moved is for others from then on.
        let arguments = ["log", "--format=%x00%cs", "--name-only", "--no-renames", "-z", "--", path]
        var dates: [String: String] = [:]
        var date = ""
        // A commit is an empty field, its date, and after a line end the names; each ends with a NUL.
        for field in try await git.output(of: arguments).stdout.split(separator: 0) {
            let text = String(decoding: field, as: UTF8.self)
            if text.wholeMatch(of: /\d{4}-\d{2}-\d{2}/) != nil {
                date = text
            } else {
                let name = text.first == "\n" ? String(text.dropFirst()) : text
                if dates[name] == nil { dates[name] = date }
            }
        }
        return dates
    }
}
