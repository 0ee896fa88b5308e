/// A volume of a stack, with the containers that have it.
struct DataVolume: Sendable, Hashable {
    /// In the stack.
    let name: String
    /// In docker.
    let dockerName: String
    let backup: VolumeBackup
    /// The names of the containers that mount it; a backup by a command runs in the first.
    let containers: [String]
}
