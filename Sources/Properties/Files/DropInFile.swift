/// A text file in a directory of drop-ins, such as `/etc/systemd/journald.conf.d`.
///
/// The directory is created if it is missing. A revert removes it if it was created for the file and is empty.
public struct DropInFile: FileBacked {
    public typealias Target = UnixLike

    public let file: File

    public init(_ path: FilePath, _ text: String) { file = File(path, text) }

    public var name: String { file.name }
    public var createsDirectory: Bool { true }
}
