extension File {
    private static let versions: FilePath = "/var/backups/propel"

    /// The same file, of which the former versions are kept.
    ///
    ///     File("/etc/app.conf", "level=info\n").keepingVersions(10)
    ///
    /// Before the content changes, what is there is copied to `/var/backups/propel/PATH/TIME`, with its mode and owner,
    /// below a directory that root alone can enter; former secrets stay there too. The first original is kept beside
    /// them, as always: it is what a revert restores.
    /// - Parameter count: how many versions are kept, the latest ones; 5 by default.
    public func keepingVersions(_ count: Int = 5) -> File {
        var file = self
        file.keptVersions = count
        return file
    }

    /// Other content, for a plan.
    var otherContent: String {
        keptVersions != nil ? "other content, after a copy to \(versionDirectory)" : "other content"
    }

    private var versionDirectory: FilePath { FilePath(Self.versions.string + path.lexicallyNormalized().string) }

    func validateVersions() throws {
        guard keptVersions.map((1...1000).contains) != false else {
            throw Failure(
                "\(path) is declared with an invalid number of former versions",
                advice: "Give 1 to 1000, or leave keepingVersions out.")
        }
    }

    /// Copies what is there before a staged file takes its place, and removes the oldest copies.
    func keepVersion(of found: FileStatus, before staged: FilePath, on machine: Machine) throws {
        guard let keptVersions else { return }
        do {
            try copyVersion(of: found, keeping: keptVersions, on: machine)
        } catch {
            machine.files.discard(staged)
            throw error
        }
    }

    private func copyVersion(of found: FileStatus, keeping count: Int, on machine: Machine) throws {
        let directory = versionDirectory
        try machine.files.createDirectories(directory, mode: 0o700)
        let former = try machine.files.list(directory).filter(Self.isVersion)
        // A run that was cut has made the copy already.
        if let latest = former.last,
            try machine.files.hash(of: directory.appending(latest)) == machine.files.hash(of: path)
        {
            return
        }
        let name = Self.versionName(at: machine.now, besides: former)
        try machine.files.replace(
            directory.appending(name), withCopyOf: path, mode: found.mode & 0o777, owner: found.owner)
        for old in former.dropLast(count - 1) { try machine.files.remove(directory.appending(old)) }
    }

    /// The time, with a number if there is a version of that second.
    private static func versionName(at time: Timestamp, besides former: [String]) -> String {
        var name = time.compact, number = 1
        while former.contains(name) {
            number += 1
            name = "\(time.compact)-\(number)"
        }
        return name
    }

    /// Whether a name is that of a version: `20250131T120000Z`. Others are staged files, or directories of paths below.
    private static func isVersion(_ name: String) -> Bool {
        let bytes = Array(name.utf8)
        return bytes.count >= 16 && bytes[..<8].allSatisfy(\.isASCIIDigit) && bytes[8] == UInt8(ascii: "T")
    }
}
