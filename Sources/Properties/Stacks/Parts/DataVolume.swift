/// A volume of a stack, with the containers that mount it.
struct DataVolume: Sendable, Hashable {
    /// The name in the stack.
    let name: String
    /// The name in docker, or the absolute path of its directory: what docker calls the source of a mount.
    let source: String
    let backup: VolumeBackup
    /// The names of the containers that mount it; commands of a backup run in the first.
    let containers: [String]

    /// The directory on the machine; nil for a volume of docker.
    var directory: FilePath? { source.hasPrefix("/") ? FilePath(source) : nil }
}
