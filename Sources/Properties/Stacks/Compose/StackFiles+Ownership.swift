extension StackFiles {
    /// - Parameter isFirst: whether nothing of the stack was ever deployed here.
    /// - Throws: ``Failure`` if the directory belongs to somebody else: its content would be lost, or its owner could
    ///   change what root runs.
    func refuseForeign(isFirst: Bool) throws {
        let parent = try machine.files.directoryWritableByOthers(above: stack.directory)
        if let parent, !parent.components.isEmpty {
            throw Failure(
                "\(parent) is writable by others than root, who could replace \(stack.directory), from which "
                    + "root starts containers",
                advice: "Give it to root, mode 0755, or give the stack another directory: Stack(…, directory: …).")
        }
        guard let status = try machine.files.status(of: stack.directory) else { return }
        guard status.kind == .directory, status.owner == .root, status.mode & 0o022 == 0 else {
            throw Failure(
                "\(stack.directory) of the stack \(stack.name) is writable by others than root",
                advice: "Give it to root, mode 0700, or give the stack another directory: Stack(…, directory: …).")
        }
        guard isFirst else { return }
        let others = try machine.files.list(stack.directory).filter {
            !(Self.folders + Self.candidates + stack.dataFolders).contains($0) && !Self.isStaged($0)
        }
        let isOnlyOwn = try folders.allSatisfy { try isOwn(below: $0) }
        guard others.isEmpty, isOnlyOwn else {
            let names = try machine.files.list(stack.directory)
            throw Failure(
                "\(stack.directory) has content that Propel did not write: \(names.joined(separator: ", "))",
                advice: Self.composeFiles.contains(where: names.contains)
                    ? "A project of compose is there. Leave it, and give the stack another directory: "
                        + "Stack(\"\(stack.name)\", directory: \"/srv/propel/\(stack.name)\"). The first deployment "
                        + "takes over the containers and volumes of a project of the same name; `propel compose "
                        + "import` prints the Swift for its compose file."
                    : "Move it away, or give the stack another directory: Stack(…, directory: …). Its volumes can "
                        + "stay: they are found by their names."
            )
        }
    }

    /// The names by which compose finds a file.
    static let composeFiles = ["compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml"]

    /// Whether all files below a directory have names that Propel gives: `NAME-0123456789ab`.
    private func isOwn(below directory: FilePath) throws -> Bool {
        guard let status = try machine.files.status(of: directory) else { return true }
        guard status.kind == .directory else { return Self.isReplaceable(directory) }
        return try machine.files.list(directory).allSatisfy { try isOwn(below: directory.appending($0)) }
    }

    /// Whether it is a file that was being written when the power failed.
    private static func isStaged(_ name: String) -> Bool { name.hasPrefix(".") && name.hasSuffix(".propel") }

    /// Whether a file of these folders is of no use unless a version names it.
    static func isReplaceable(_ path: FilePath) -> Bool {
        hasHashInName(path) || isStaged(path.lastComponent?.string ?? "")
    }

    private static func hasHashInName(_ path: FilePath) -> Bool {
        guard let hash = path.lastComponent?.string.split(separator: "-").last else { return false }
        return hash.utf8.count == 12 && hash.utf8.allSatisfy(\.isLowercaseHexadecimalDigit)
    }
}
