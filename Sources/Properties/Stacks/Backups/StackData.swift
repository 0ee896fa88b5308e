/// The volumes of a stack that exist on a machine and are backed up.
struct StackData: Sendable {
    struct Present: Sendable {
        var volume: DataVolume
        /// The directory of its files on the machine.
        var mountpoint: FilePath
        var isEmpty: Bool
        /// Mode and owner of the directory itself; nil if it is missing.
        var status: FileStatus?
    }

    /// The volumes in the order of the stack, then those of the deployed version that it no longer describes.
    let present: [Present]

    /// The volumes that are not empty.
    var filled: [Present] { present.filter { !$0.isEmpty } }

    /// Describes a backup of them, for a plan.
    var change: String { "back up \(filled.map(\.volume.name).joined(separator: ", "))" }

    /// Reads them from the machine.
    /// - Parameter isDescribedOnly: whether volumes are left out that the stack no longer describes.
    /// - Throws: ``Undetermined`` if docker is not installed or does not run.
    static func read(of stack: Stack, isDescribedOnly: Bool = false, on machine: Machine) async throws -> StackData {
        let former = isDescribedOnly ? [] : try StackRecord(of: stack, on: machine).formerVolumes(of: stack)
        let wanted = stack.dataVolumes.filter { $0.backup != .none } + former
        guard !wanted.isEmpty else { return StackData(present: []) }
        let mountpoints = try await mountpoints(of: wanted.filter { $0.directory == nil }, on: machine)
        return StackData(
            present: try wanted.compactMap { volume in
                guard let mountpoint = volume.directory ?? mountpoints[volume.source] else { return nil }
                if volume.directory != nil { try DataDirectory.refuseUnsafe(mountpoint, on: machine) }
                let status = try machine.files.status(of: mountpoint)
                // A directory that is missing is no data; a volume of docker may have no files yet.
                if status == nil, volume.directory != nil { return nil }
                return Present(
                    volume: volume, mountpoint: mountpoint,
                    isEmpty: status == nil ? true : try machine.files.list(mountpoint).isEmpty, status: status)
            })
    }

    /// The directories of the files of docker volumes, as far as they exist, by their names in docker.
    private static func mountpoints(of volumes: [DataVolume], on machine: Machine) async throws -> [String: FilePath] {
        guard !volumes.isEmpty else { return [:] }
        let names = Set(try await machine.lines(of: DockerCommand.volumes()))
        let there = volumes.map(\.source).filter(names.contains)
        guard !there.isEmpty else { return [:] }
        let answer = try await machine.succeed(
            DockerCommand.inspect(volumes: there, format: #"{{.Name}}\#t{{.Mountpoint}}"#))
        let found = Dictionary(try DockerAnswer.rows(answer.text, columns: 2).map { ($0[0], $0[1]) }) { first, _ in
            first
        }
        var mountpoints: [String: FilePath] = [:]
        for name in there { mountpoints[name] = try mountpoint(found[name] ?? "", of: name) }
        return mountpoints
    }
}

extension StackData {
    /// The directory of the files of a docker volume, as docker reports it.
    /// - Throws: ``Failure`` if that is no directory below the root.
    static func mountpoint(_ path: String, of volume: String) throws -> FilePath {
        let mountpoint = FilePath(path)
        guard mountpoint.isAbsolute, mountpoint.components.count > 1 else {
            throw Failure("docker does not report the mountpoint of the volume \(volume)")
        }
        return mountpoint
    }

    /// Removes all that is in the directory of a volume.
    static func empty(_ directory: FilePath, on machine: Machine) async throws {
        try await machine.succeed(
            Invocation("find", [directory.string, "-mindepth", "1", "-delete"], timeout: .hours(1)))
    }
}
