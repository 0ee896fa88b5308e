import Libc

extension RunDirectory {
    /// Makes this the run that a request begins, unless another run is.
    ///
    /// The laptop sends a request again, with the same ID, if the link was lost before it has heard of the run. The
    /// first one may arrive even after that: it was kept by a relay, or by a network that was down. Whichever comes
    /// first begins the run.
    ///
    /// The mark is an empty file with the ID in its name, so that it can be made on a full disk.
    /// - Returns: the ID of the run that the request has begun already; nil if it is this one.
    /// - Throws: `Errno`, ``FileError``.
    func claim(_ request: RequestID, in parents: [FilePath] = RunDirectory.parents) throws -> String? {
        let name = Self.claimPrefix + request.description
        // One at a time: each looks for the marks of the others before it makes its own.
        let parent = try FileDescriptor.open(
            own: path.removingLastComponent(), .readOnly, options: [.directory, .closeOnExec])
        defer { try? parent.close() }
        while flock(parent.rawValue, LOCK_EX) != 0 { guard errno == EINTR else { throw Errno(rawValue: errno) } }
        let files = LocalFileSystem()
        for directory in Self.all(in: parents).reversed() where directory.id != id {
            if try files.status(of: directory.path.appending(name)) != nil { return directory.id }
        }
        try FileDescriptor.open(
            own: path.appending(name), .writeOnly, options: [.create, .exclusiveCreate, .closeOnExec, .noFollow],
            permissions: [.ownerReadWrite]
        ).close()
        return nil
    }

    private static let claimPrefix = "request-"

    /// Whether a request has arrived. Without one the process waits for a connection that may be dead.
    var hasRequest: Bool {
        let files = LocalFileSystem()
        if let status = try? files.status(of: journal), status.size > 0 { return true }
        return ((try? files.list(path)) ?? []).contains { $0.hasPrefix(Self.claimPrefix) }
    }
}
