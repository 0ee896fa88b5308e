/// The volumes of a stack that exist on a machine and are backed up.
struct StackData: Sendable {
    struct Present: Sendable {
        var volume: DataVolume
        /// The directory of its files on the machine.
        var mountpoint: FilePath
        var isEmpty: Bool
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
        let names = Set(try await machine.answer(of: DockerCommand.volumes()).nonEmptyLines.map(String.init))
        return try await read(wanted.filter { names.contains($0.dockerName) }, on: machine)
    }

    private static func read(_ volumes: [DataVolume], on machine: Machine) async throws -> StackData {
        guard !volumes.isEmpty else { return StackData(present: []) }
        let answer = try await machine.succeed(
            DockerCommand.inspect(volumes: volumes.map(\.dockerName), format: #"{{.Name}}\#t{{.Mountpoint}}"#))
        var mountpoints: [String: FilePath] = [:]
        for line in answer.text.nonEmptyLines {
            let fields = line.split(separator: "\t").map(String.init)
            if fields.count == 2 { mountpoints[fields[0]] = FilePath(fields[1]) }
        }
        return StackData(
            present: try volumes.map { volume in
                guard let mountpoint = mountpoints[volume.dockerName], mountpoint.isAbsolute,
                    mountpoint.components.count > 1
                else {
                    throw Failure("docker does not report the mountpoint of the volume \(volume.dockerName)")
                }
                let isThere = try machine.files.status(of: mountpoint) != nil
                return Present(
                    volume: volume, mountpoint: mountpoint,
                    isEmpty: isThere ? try machine.files.list(mountpoint).isEmpty : true)
            })
    }
}
