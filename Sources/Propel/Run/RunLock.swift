#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// The lock that lets one run at a time change the machine.
///
/// The kernel's (flock(2)): it is gone when the process that holds it is, however that ended. Who holds it is written
/// beside it, for people only.
struct RunLock: ~Copyable {
    private let descriptor: FileDescriptor
    private let state: FilePath
    /// The runs that had the lock and were killed, and of which programs may still be at work.
    private(set) var unsettled: [String]

    private static func lock(in state: FilePath) -> FilePath { state.appending("lock") }
    private static func holder(in state: FilePath) -> FilePath { state.appending("lock-holder.json") }

    enum Attempt: ~Copyable {
        case taken(RunLock)
        case heldBy(LockHolder)
    }

    /// Takes the lock for `holder`, or says who has it.
    static func attempt(for holder: LockHolder, state: FilePath = Machine.state) throws -> Attempt {
        let files = LocalFileSystem()
        try files.createDirectories(state, mode: 0o700)
        let descriptor = try FileDescriptor.open(
            lock(in: state), .readWrite, options: [.create, .closeOnExec, .noFollow], permissions: [.ownerReadWrite])
        let isTaken = flock(descriptor.rawValue, LOCK_EX | LOCK_NB) == 0
        let known = try? files.readIfPresent(Self.holder(in: state)).map { try JSON(parsing: $0) }
        guard isTaken else {
            try descriptor.close()
            return .heldBy((try? known.map(LockHolder.init)) ?? LockHolder(deployer: "somebody", since: "a moment ago", run: ""))
        }
        // Who gives it back leaves nothing there.
        let unsettled = known.map { [$0["run"]?.string ?? ""] + ((try? $0.texts(unsettledKey)) ?? []) } ?? []
        var json = holder.json.object ?? [:]
        json[unsettledKey] = .array(unsettled.map(JSON.string))
        // Not synced, and a full disk is no reason not to run: only the name is missing then.
        if let file = try? FileDescriptor.open(
            Self.holder(in: state), .writeOnly, options: [.create, .truncate, .closeOnExec, .noFollow], permissions: [.ownerReadWrite])
        {
            _ = try? file.writeAll(JSON.object(json).description.utf8)
            try? file.close()
        }
        return .taken(RunLock(descriptor: descriptor, state: state, unsettled: unsettled.filter { !$0.isEmpty }))
    }

    private static let unsettledKey = "unsettled"

    private init(descriptor: FileDescriptor, state: FilePath, unsettled: [String]) {
        self.descriptor = descriptor
        self.state = state
        self.unsettled = unsettled
    }

    /// Nothing is at work any more of those that were killed.
    mutating func settle() { unsettled = [] }

    deinit {
        // While it is still held: the next holder writes its own.
        if unsettled.isEmpty { unlink(Self.holder(in: state).string) }
        try? descriptor.close()
    }
}
