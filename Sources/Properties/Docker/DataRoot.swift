/// The directory in which docker keeps images, containers and volumes (`data-root` in daemon.json; dockerd(8)).
enum DataRoot {
    /// The data root of an engine that is told of no other.
    static let usual: FilePath = "/var/lib/docker"

    /// The data root of an engine with these settings. Before 17.05 the setting was `graph`.
    static func path(in settings: JSON?) -> FilePath {
        (settings?["data-root"] ?? settings?["graph"])?.string.map { FilePath($0) } ?? usual
    }

    /// The data root in the settings of the machine.
    static func declared(on machine: Machine) throws -> FilePath {
        path(in: try Docker.DaemonConfiguration.present(on: machine))
    }

    /// A drop-in that has docker wait for the disk of another data root: without it docker would begin with nothing,
    /// in the directory below. Nil for the usual data root.
    static func mountRequirement(of settings: JSON?) -> SystemdUnit.DropIn? {
        let root = path(in: settings)
        let isPlain = root.string.utf8.allSatisfy { $0.isASCIILetterOrDigit || "/._-".utf8.contains($0) }
        guard root != usual, root.isAbsolute, isPlain else { return nil }
        return SystemdUnit.DropIn(
            "docker.service", "propel-data-root", "[Unit]\nRequiresMountsFor=\(root.lexicallyNormalized())\n")
    }

    /// The data root whose files are in a directory, or around it; nil if docker has none there.
    ///
    /// Docker may have been told of it by an option of dockerd too: so the directories above are looked at as well.
    static func overlapping(_ path: FilePath, on machine: Machine) throws -> FilePath? {
        let declared = try declared(on: machine).lexicallyNormalized()
        if declared.starts(with: path) { return declared }
        var root = path, name: String?
        while !root.components.isEmpty {
            // Each engine makes this database of its volumes when it starts.
            let isRoot = try root == declared || machine.files.status(of: root.appending("volumes/metadata.db")) != nil
            // A data root can be the top of a disk, which has other directories too.
            if isRoot, name.map({ ownDirectories.contains($0) }) ?? true { return root }
            name = root.lastComponent?.string
            root.removeLastComponent()
        }
        return nil
    }

    /// The directories that docker makes in its data root, with those of its storage drivers.
    private static let ownDirectories: Set<String> = [
        "aufs", "btrfs", "builder", "buildkit", "containerd", "containers", "devicemapper", "fuse-overlayfs", "image",
        "network", "overlay", "overlay2", "plugins", "runtimes", "swarm", "tmp", "trust", "vfs", "volumes", "zfs",
    ]

    /// - Throws: ``Failure`` if the engine has containers or volumes, and would look for them in another directory,
    ///   where there are none: stacks would begin with empty volumes.
    static func refuseLoss(with settings: JSON, on machine: Machine) throws {
        let present = try declared(on: machine).lexicallyNormalized(), wanted = path(in: settings)
        guard wanted.isAbsolute, wanted.lexicallyNormalized() != present, try hasData(present, on: machine),
            try !hasData(wanted, on: machine)
        else { return }
        throw Failure(
            "docker keeps its containers and volumes in \(present), and would look for them in \(wanted)",
            advice:
                "Stacks would begin with empty volumes. Move the data on the machine: `systemctl stop docker.socket "
                + "docker.service`, `mkdir --parents \(ShellQuoting.quote([wanted.string]))`, `cp --archive "
                + "\(ShellQuoting.quote([present.string + "/."])) \(ShellQuoting.quote([wanted.string]))`; then run "
                + "again.")
    }

    /// Whether an engine with this data root has containers or volumes.
    private static func hasData(_ root: FilePath, on machine: Machine) throws -> Bool {
        func names(_ directory: String) throws -> [String] {
            let path = root.appending(directory)
            return try machine.files.status(of: path)?.kind == .directory ? try machine.files.list(path) : []
        }
        return try !names("containers").isEmpty
            || !names("volumes").allSatisfy { ["metadata.db", "backingFsBlockDev"].contains($0) }
    }
}
