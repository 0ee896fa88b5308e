/// The archives of volumes: with numeric owners, access control lists, extended attributes and holes.
enum Archive {
    private static let options = ["--numeric-owner", "--acls", "--xattrs", "--xattrs-include=*"]

    /// Writes an archive to standard output, with the fastest compression since containers may be stopped for it.
    static func creation(of directory: FilePath) -> Invocation {
        Invocation(
            "tar",
            ["--create", "--use-compress-program=gzip -1", "--sparse"] + options + [
                "--file=-", "--directory=\(directory)", ".",
            ], timeout: .hours(6))
    }

    static func extraction(of file: FilePath, into directory: FilePath) -> Invocation {
        Invocation(
            "tar",
            ["--extract", "--gzip", "--same-owner", "--same-permissions"] + options + [
                "--file=\(file)", "--directory=\(directory)",
            ], timeout: .hours(6))
    }
}
