extension Repository {
    /// The days of the last commits that changed the files under a path, such as `2026-11-21`.
    ///
    /// - Parameter path: Relative to the root, taken literally.
    /// - Returns: By path relative to the root, without files that are in no commit.
    public func lastChanges(under path: String) async throws -> [String: String] {
        guard try await head() != nil else { return [:] }
        // Renames count as changes: a secret that was moved is for other people.
        let arguments = ["log", "--format=%x00%cs", "--name-only", "--no-renames", "-z", "--", path]
        var dates: [String: String] = [:]
        var date = ""
        // A commit is an empty field, its date, and after a newline the names; each field ends with NUL.
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
