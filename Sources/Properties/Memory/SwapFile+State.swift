extension SwapFile {
    struct Found {
        /// In bytes; nil if there is no file.
        var size: Int?
        /// Why the file must be created again; nil if it need not.
        var flaw: String?
        /// How its mode and owner differ.
        var accessFlaws: [String] = []
    }

    /// - Throws: ``Failure`` if the path is taken by something other than a swap area, complete or not.
    func find(for wanted: Int, on machine: Machine) throws -> Found {
        guard let status = try machine.files.status(of: path) else { return Found(flaw: "it is missing") }
        guard status.kind == .file else {
            let kind =
                switch status.kind {
                case .link: "symbolic link"
                case .directory: "directory"
                default: "special file"
                }
            throw Failure(
                "\(path) is a \(kind), not a swap file",
                advice: "Move it away, or declare another path.")
        }
        var found = Found(size: status.size)
        let page = try machine.files.read(path, first: Memory.pageSize)
        if let header = SwapHeader(page: page) {
            if !isNear(status.size, wanted) {
                found.flaw = "it has \(ByteSize(bytes: status.size))"
            } else if header.size != status.size {
                found.flaw = "its header says \(ByteSize(bytes: header.size))"
            }
        } else {
            // An interrupted attempt leaves zeros. A signature without the rest is a swap area of another kind.
            guard page.allSatisfy({ $0 == 0 }) || page.suffix(10).elementsEqual("SWAPSPACE2".utf8) else {
                throw Failure(
                    "\(path) is a file, but not a swap area",
                    advice: "See what it is, and move it away; or declare another path.")
            }
            found.flaw = "it is incomplete"
        }
        if status.mode != 0o600 { found.accessFlaws.append("mode \(octal(status.mode)) → 0600") }
        if status.owner != .root { found.accessFlaws.append("owner → root") }
        return found
    }

    /// The active swap area of the file.
    ///
    /// The kernel's `/proc/swaps` is the same in all containers: there, an area of that path may be a file of the host
    /// or of another container. So the sizes must agree too, but for the pages that the kernel cannot use if the blocks
    /// of the file system are smaller than a page: fewer than one for each extent.
    func activeArea(of file: Found, on machine: Machine) throws -> SwapAreas.Area? {
        let areas = try SwapAreas(of: machine).areas
        guard let size = file.size else { return nil }
        let page = Memory.pageSize, whole = (size / page - 1) * page
        return areas.first { $0.path == path.string && $0.size <= whole && $0.size > whole - whole / 16 }
    }

    /// - Throws: ``Failure`` if a directory above the file is a link, since `/proc/swaps` lists paths without links, or
    ///   others than root can rename in it, and so could have root write elsewhere.
    func requireSafeDirectory(on machine: Machine) throws {
        var directory = path.removingLastComponent()
        while !directory.components.isEmpty {
            guard let status = try machine.files.status(of: directory) else {
                throw Failure(
                    "there is no directory \(directory)", advice: "Declare Directory(\"\(directory)\") before.")
            }
            guard status.kind == .directory else {
                throw Failure(
                    "\(directory) is \(status.kind == .link ? "a symbolic link" : "not a directory")",
                    advice: "Declare the path without links (see `readlink -f \(directory)`).")
            }
            directory.removeLastComponent()
        }
        if let directory = try machine.files.directoryWritableByOthers(above: path, allowingSticky: true),
            let status = try machine.files.status(of: directory)
        {
            throw Failure(
                "\(directory) can be written to by others than root (mode \(octal(status.mode)), owner "
                    + "\(status.owner.user):\(status.owner.group))",
                advice:
                    "Swap files hold the content of memory: use a directory that only root can write to, such as /."
            )
        }
    }
}
