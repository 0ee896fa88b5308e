extension Repository {
    /// Tells which of some paths git ignores (git-check-ignore(1)). A tracked file is never ignored.
    ///
    /// - Parameter paths: Relative to the root, taken literally. None of them may be below a symbolic link.
    public func ignored(among paths: [String]) async throws -> Set<String> {
        guard !paths.isEmpty else { return [] }
        // This command refuses literal pathspecs, and takes paths literally but for a colon at the beginning.
        var git = git
        git.environment["GIT_LITERAL_PATHSPECS"] = "0"
        let arguments = ["check-ignore", "-z", "--stdin"]
        let input = paths.reduce(into: [UInt8]()) { $0 += Array("./\($1)".utf8) + [0] }
        let output = try await git.run(arguments, input: input)
        // 1: none is ignored.
        guard output.status == 0 || output.status == 1 else { throw GitError(running: arguments, output, in: root) }
        return Set(output.stdout.split(separator: 0).map { String(decoding: $0.dropFirst(2), as: UTF8.self) })
    }
}
