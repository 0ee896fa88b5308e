/// Files that go from one host to another, as one of the two hosts sees them.
///
/// All of them are in one directory that belongs to root: the sender has them there, the receiver fills it. A transfer
/// that was interrupted continues with what has arrived.
public struct FileTransfer: Sendable {
    /// The directory of the files; nil if all have arrived already.
    public let directory: FilePath?
    /// Called on each host when the receiver has all files, on the receiver first.
    let completion: @Sendable () async throws -> Void

    /// - Parameters:
    ///   - directory: a directory of root without subdirectories. The receiver creates it; its parent must exist.
    ///   - completion: called when the receiver has all files, on the receiver first.
    public init(_ directory: FilePath, completion: @escaping @Sendable () async throws -> Void) {
        self.directory = directory
        self.completion = completion
    }

    /// A transfer of which everything has arrived already.
    public static let done = FileTransfer()

    private init() {
        directory = nil
        completion = {}
    }
}
