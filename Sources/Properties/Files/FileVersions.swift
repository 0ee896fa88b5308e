/// The copies of a file that are made before each change of it.
struct FileVersions {
    let path: FilePath
    /// How many are kept, the latest ones.
    let count: Int

    private static let root: FilePath = "/var/backups/propel"

    /// The directory of the copies: `/var/backups/propel/PATH`.
    var directory: FilePath { FilePath(Self.root.string + path.lexicallyNormalized().string) }

    /// - Throws: ``Failure`` if the number is impossible.
    func validate() throws {
        guard (1...1000).contains(count) else {
            throw Failure(
                "\(path) is declared with an invalid number of former versions",
                advice: "Give 1 to 1000, or leave keepingVersions out.")
        }
    }

    /// Copies what is there, and removes the oldest copies.
    func copy(of found: FileStatus, on machine: Machine) throws {
        try machine.files.createDirectories(directory, mode: 0o700)
        let former = try machine.files.list(directory).filter(Self.isVersion)
        // A run that was cut has made the copy already.
        if let latest = former.last,
            try machine.files.hash(of: directory.appending(latest)) == machine.files.hash(of: path)
        {
            return
        }
        let version = directory.appending(machine.now.name(besides: former))
        try machine.files.replace(version, withCopyOf: path, mode: found.mode & 0o777, owner: found.owner)
        for old in former.dropLast(count - 1) { try machine.files.remove(directory.appending(old)) }
    }

    /// Whether a name is that of a version: `20250131T120000Z`. Others are staged files, or directories of paths below.
    private static func isVersion(_ name: String) -> Bool {
        let bytes = Array(name.utf8)
        return bytes.count >= 16 && bytes[..<8].allSatisfy(\.isASCIIDigit) && bytes[8] == UInt8(ascii: "T")
    }
}
