/// The directory of a volume exists.
struct DataDirectory: Property {
    typealias Target = DebianLike

    let stack: Stack
    /// The name of the volume in the stack.
    let volume: String
    let path: FilePath
    let owner: String?
    let group: String?
    let mode: FileMode?

    var name: String { "directory \(path)" }

    var claims: [Claim] {
        let data = "the volume \(volume) of the stack \(stack.name)"
        let state = "directory, mode \(mode.map { "\($0)" } ?? ""), owner \(owner ?? ""):\(group ?? "")"
        return [Claim("the data in \(path)", is: data, summary: data)]
            + (owner == nil && group == nil && mode == nil ? [] : [.path(path, is: state, summary: state)])
    }

    /// - Throws: ``Failure`` if the directory cannot be trusted, or has vanished.
    func check(on machine: Machine) async throws -> Check {
        try Self.refuseUnsafe(path, on: machine)
        guard let found = try machine.files.status(of: path) else {
            if try StackRecord(of: stack, on: machine).current?.volumes.contains(where: { $0.source == path.string })
                == true
            {
                throw Failure(
                    "\(path), the directory of the volume \(volume) of \(stack.name), no longer exists",
                    advice:
                        "Mount its disk, and run again. If its data are lost, create the directory by hand, and "
                        + "restore a backup: propel backup list HOST.")
            }
            for parent in try missing(on: machine) { try await machine.expectDirectory(parent) }
            return .unmet(
                "create with \(described(mode: mode ?? 0o755, owner: owner ?? "root", group: group))")
        }
        return .unmet(
            unlessEmpty: try await machine.differences(
                of: found, mode: mode ?? FileMode(found.mode), owner: owner ?? "\(found.owner.user)",
                group: group ?? (owner == nil ? "\(found.owner.group)" : nil)))
    }

    func apply(on machine: Machine) async throws {
        try Self.refuseUnsafe(path, on: machine)
        guard let found = try machine.files.status(of: path) else {
            let owner = try await machine.owner(user: owner ?? "root", group: group)
            for parent in try missing(on: machine).dropLast() {
                try machine.files.createDirectory(parent, mode: 0o755, owner: .root)
            }
            return try machine.files.createDirectory(path, mode: mode?.bits ?? 0o755, owner: owner)
        }
        let owner = try await machine.owner(
            user: owner ?? "\(found.owner.user)", group: group ?? (owner == nil ? "\(found.owner.group)" : nil))
        try machine.files.setOwner(owner, mode: mode?.bits ?? found.mode, of: path, expecting: found)
    }

    /// The directories that do not exist, from the outermost on.
    private func missing(on machine: Machine) throws -> [FilePath] {
        var missing: [FilePath] = [], next = path
        while !next.components.isEmpty, try machine.files.status(of: next) == nil {
            missing.append(next)
            next.removeLastComponent()
        }
        return missing.reversed()
    }

    /// - Throws: ``Failure`` if somebody else than root can put something else in the place of a directory: root would
    ///   write there what is restored. Also if docker has its own data there.
    static func refuseUnsafe(_ path: FilePath, on machine: Machine) throws {
        if let status = try machine.files.status(of: path), status.kind != .directory {
            throw Failure(
                "\(path) is a \(status.kind.words), and the directory of a volume",
                advice: "Name the directory itself, without a link.")
        }
        if let root = try DataRoot.overlapping(path, on: machine) {
            throw Failure(
                "\(path), the directory of a volume, overlaps \(root), where docker keeps its own data",
                advice: "A restore replaces all that is there. Use a directory such as /srv/NAME-data.")
        }
        if let parent = try machine.files.directoryWritableByOthers(above: path), !parent.components.isEmpty {
            throw Failure(
                "\(parent) is writable by others than root, who could put a link in the place of \(path), the "
                    + "directory of a volume",
                advice:
                    "Move the data to a directory below /srv. Or give \(parent) to root, mode 0755: the directory "
                    + "of the volume itself may belong to anybody.")
        }
    }
}
