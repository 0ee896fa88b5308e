extension Machine {
    /// The path to which symbolic links of root lead; the path itself if it is no link of root.
    ///
    /// A link of another user is never followed: its owner could let it lead to any file. As it stays in the result,
    /// reading it is an error.
    /// - Throws: ``Failure`` if the links lead to each other.
    func followingLinksOfRoot(_ path: FilePath) throws -> FilePath {
        var path = path
        for _ in 0..<8 {
            guard let found = try files.status(of: path), found.kind == .link, found.owner.user == 0 else {
                return path
            }
            let destination = FilePath(try files.destination(ofLink: path))
            path = path.removingLastComponent().pushing(destination).lexicallyNormalized()
        }
        throw Failure("\(path) leads to itself by symbolic links", advice: "Make it a file.")
    }
}
