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
    private let holder: FilePath

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
        guard flock(descriptor.rawValue, LOCK_EX | LOCK_NB) == 0 else {
            try descriptor.close()
            let known = try files.readIfPresent(Self.holder(in: state)).flatMap { try? LockHolder(JSON(parsing: $0)) }
            return .heldBy(known ?? LockHolder(deployer: "somebody", since: "a moment ago", run: ""))
        }
        // Not synced, and a full disk is no reason not to run: only the name is missing then.
        if let file = try? FileDescriptor.open(
            Self.holder(in: state), .writeOnly, options: [.create, .truncate, .closeOnExec, .noFollow], permissions: [.ownerReadWrite])
        {
            _ = try? file.writeAll(holder.json.description.utf8)
            try? file.close()
        }
        return .taken(RunLock(descriptor: descriptor, holder: Self.holder(in: state)))
    }

    private init(descriptor: FileDescriptor, holder: FilePath) {
        self.descriptor = descriptor
        self.holder = holder
    }

    deinit {
        // While it is still held: the next holder writes its own.
        unlink(holder.string)
        try? descriptor.close()
    }
}
