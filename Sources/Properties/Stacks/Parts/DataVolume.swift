/// A volume of a stack, with the containers that mount it.
struct DataVolume: Sendable, Hashable {
    /// The name in the stack.
    let name: String
    /// The name in docker.
    let dockerName: String
    let backup: VolumeBackup
    /// The names of the containers that mount it; commands of a backup run in the first.
    let containers: [String]
}
