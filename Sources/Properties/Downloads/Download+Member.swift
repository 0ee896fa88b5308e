extension Machine {
    /// Passes on one file of an archive. Nothing of it is left afterwards.
    /// - Parameters:
    ///   - member: the name of the file in the archive.
    ///   - archive: a tar or zip archive.
    ///   - url: where it is from, whose end tells of which kind it is.
    /// - Throws: ``Failure`` if there is no such file in it, and the errors of `body`.
    func withMember(
        _ member: String, of archive: FilePath, from url: String, _ body: (FilePath) throws -> Void
    ) async throws {
        let directory = Machine.state.appending("downloads").appending("unpacked")
        // A run that was killed has left it.
        try files.removeTree(directory)
        try files.createDirectory(directory, mode: 0o700, owner: .root)
        do {
            try await succeed(
                url.lowercased().hasSuffix(".zip")
                    ? Invocation(
                        "unzip", ["-q", "-o", archive.string, member, "-d", directory.string], timeout: .hours(1))
                    : Invocation(
                        "tar",
                        [
                            "--extract", "--file=\(archive)", "--directory=\(directory)", "--no-same-owner", "--",
                            member,
                        ], timeout: .hours(1)))
            let file = directory.appending(member)
            guard let found = try files.status(of: file), found.kind == .file else {
                throw Failure(
                    "\(member) of \(url) is no file", advice: "Name one, as `tar --list` or `unzip -Z1` prints it.")
            }
            try body(file)
        } catch {
            throw await error.after { try self.files.removeTree(directory) }
        }
        try files.removeTree(directory)
    }
}
