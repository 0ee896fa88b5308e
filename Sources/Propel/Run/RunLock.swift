import Libc

/// The lock that lets one run at a time change the machine.
///
/// A kernel lock (flock(2)): it is released when the process that holds it ends, however that happens. The holder is
/// written to a file beside it, for messages, and so that the next run knows of one that was killed.
struct RunLock: ~Copyable {
    private let descriptor: FileDescriptor
    private let state: FilePath
    /// The IDs of the runs that were killed while they held the lock: processes of theirs may still be running.
    private(set) var killedRuns: [String]

    private static func lock(in state: FilePath) -> FilePath { state.appending("lock") }
    private static func holder(in state: FilePath) -> FilePath { state.appending("lock-holder.json") }

    enum Attempt: ~Copyable {
        case acquired(RunLock)
        case heldBy(LockHolder)
    }

    /// Tries to acquire the lock for `holder`.
    static func attempt(for holder: LockHolder, state: FilePath = Machine.state) throws -> Attempt {
        let files = LocalFileSystem()
        try files.createDirectories(state, mode: 0o700)
        let descriptor = try FileDescriptor.open(
            own: lock(in: state), .readWrite, options: [.create, .closeOnExec, .noFollow],
            permissions: [.ownerReadWrite])
        let isAcquired = flock(descriptor.rawValue, LOCK_EX | LOCK_NB) == 0
        let record = try? files.readIfPresent(Self.holder(in: state)).map { try JSON(parsing: $0) }
        guard isAcquired else {
            try descriptor.close()
            return .heldBy(
                (try? record.map(LockHolder.init)) ?? LockHolder(deployer: "somebody", since: "a moment ago", run: ""))
        }
        // A holder that releases the lock removes its name from the record.
        let killedRuns = ([record?["run"]?.string] + (record?[killedRunsKey]?.array ?? []).map(\.string))
            .compactMap(\.self).filter { !$0.isEmpty }
        var json = holder.json.object ?? [:]
        json[killedRunsKey] = .array(killedRuns.map(JSON.string))
        write(.object(json), in: state)
        return .acquired(RunLock(descriptor: descriptor, state: state, killedRuns: killedRuns))
    }

    private static let killedRunsKey = "unsettled"

    /// Overwrites the record in place, so that it can be written on a full disk. A record that cannot be written is no
    /// reason not to run; it is not synced either.
    private static func write(_ json: JSON, in state: FilePath) {
        guard
            let file = try? FileDescriptor.open(
                own: holder(in: state), .writeOnly, options: [.create, .closeOnExec, .noFollow],
                permissions: [.ownerReadWrite])
        else { return }
        defer { try? file.close() }
        let bytes = Array(json.description.utf8)
        if (try? file.writeAll(toAbsoluteOffset: 0, bytes)) != nil { _ = ftruncate(file.rawValue, off_t(bytes.count)) }
    }

    private init(descriptor: FileDescriptor, state: FilePath, killedRuns: [String]) {
        self.descriptor = descriptor
        self.state = state
        self.killedRuns = killedRuns
    }

    /// Records that all processes of killed runs have exited.
    mutating func forgetKilledRuns() { killedRuns = [] }

    deinit {
        // Before the lock is released: the next holder writes its own record.
        if killedRuns.isEmpty { Self.write([:], in: state) }
        try? descriptor.close()
    }
}
