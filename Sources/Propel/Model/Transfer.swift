/// Files of a host that go to another, or that come from there.
///
/// They are those of one directory, which is root's alone. Both ends are of the same kind: where they come from, the directory has
/// them; where they go to, it is filled, and one that was cut short goes on with what it has.
public struct Transfer: Sendable {
    /// nil where all has arrived before.
    public let directory: FilePath?
    /// What is done once the other host has all of them: on both.
    let completion: @Sendable () async throws -> Void

    /// - Parameters:
    ///   - directory: of root's, with no other directory in it. Of what is to be filled the parent must exist.
    ///   - completion: what is done once the other host has all files; first on that one.
    public init(_ directory: FilePath, completion: @escaping @Sendable () async throws -> Void) {
        self.directory = directory
        self.completion = completion
    }

    /// One of which all has arrived already.
    public static let done = Transfer()

    private init() {
        directory = nil
        completion = {}
    }
}
