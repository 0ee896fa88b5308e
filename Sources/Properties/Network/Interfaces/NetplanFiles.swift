/// The files of netplan that others have (netplan(5)). It joins all files: of a value the last file counts, but lists
/// are added to each other.
enum NetplanFiles {
    private static let directories: [FilePath] = ["/etc/netplan", "/run/netplan", "/usr/lib/netplan"]
    /// The keys of lists, and of routers that are no list.
    private static let lasting: Set<Substring> = ["addresses", "routes", "search", "gateway4", "gateway6"]

    /// The files, except the own one, whose addresses, routes or name servers count for the interface too.
    static func adding(to interface: String, except own: FilePath, on machine: Machine) throws -> [FilePath] {
        var paths: [FilePath] = []
        for directory in directories where try machine.files.status(of: directory)?.kind == .directory {
            paths += try machine.files.list(directory).filter { $0.hasSuffix(".yaml") }.map { directory.appending($0) }
        }
        return try paths.filter { path in
            guard path != own, try machine.files.status(of: path)?.kind == .file else { return false }
            let words = words(in: String(decoding: try machine.files.read(path), as: UTF8.self))
            return words.contains(interface[...]) && !words.isDisjoint(with: lasting)
        }
    }

    /// The words outside of comments, whatever the style of the document.
    private static func words(in text: String) -> Set<Substring> {
        Set(
            text.lines.flatMap { line in
                line.before("#").split { " \t\"':,{}[]".contains($0) || $0 == "\r" }
            })
    }
}

extension InterfaceConfiguration {
    /// The files of others that netplan adds to this one; none for other programs.
    func joinedFiles(on machine: Machine) throws -> [FilePath] {
        manager == .netplan
            ? try NetplanFiles.adding(to: interface.interface, except: file.path, on: machine) : []
    }

    /// Says at the end of the report what else counts for the interface.
    func noteJoinedFiles(on machine: Machine) throws {
        for path in try joinedFiles(on: machine) {
            let cloudInit =
                path.lastComponent?.string.contains("cloud-init") == true
                ? "; cloud-init writes it again without “network: {config: disabled}” in \(CloudInit.directory)" : ""
            machine.noteFollowUp(
                "\(path) has addresses, routes or name servers for \(interface.interface), which netplan adds to the "
                    + "declared ones: take them out if they should not count" + cloudInit)
        }
    }
}
