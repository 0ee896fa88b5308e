import Libc

/// The lock that lets one run at a time change the machine.
///
/// The kernel's (flock(2)): it is gone when the process that holds it is, however that ended. Who holds it is written
/// beside it, for people, and for the next one where this one does not give it back.
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
            return .heldBy(
                (try? known.map(LockHolder.init)) ?? LockHolder(deployer: "somebody", since: "a moment ago", run: ""))
        }
        // Who gives it back leaves no name there.
        let unsettled = ([known?["run"]?.string] + (known?[unsettledKey]?.array ?? []).map(\.string)).compactMap(\.self)
            .filter { !$0.isEmpty }
        var json = holder.json.object ?? [:]
        json[unsettledKey] = .array(unsettled.map(JSON.string))
        write(.object(json), in: state)
        return .taken(RunLock(descriptor: descriptor, state: state, unsettled: unsettled))
    }

    private static let unsettledKey = "unsettled"

    /// Into the same blocks, so that a full disk takes nothing away. Where there is no room for the first of them it is no reason not to
    /// run; it is not synced either.
    private static func write(_ json: JSON, in state: FilePath) {
        guard
            let file = try? FileDescriptor.open(
                holder(in: state), .writeOnly, options: [.create, .closeOnExec, .noFollow],
                permissions: [.ownerReadWrite])
        else { return }
        defer { try? file.close() }
        let bytes = Array(json.description.utf8)
        if (try? file.writeAll(toAbsoluteOffset: 0, bytes)) != nil { _ = ftruncate(file.rawValue, off_t(bytes.count)) }
    }

    private init(descriptor: FileDescriptor, state: FilePath, unsettled: [String]) {
        self.descriptor = descriptor
        self.state = state
        self.unsettled = unsettled
    }

    /// Nothing is at work any more of those that were killed.
    mutating func settle() { unsettled = [] }

    deinit {
        // While it is still held: the next holder writes its own.
        if unsettled.isEmpty { Self.write([:], in: state) }
        try? descriptor.close()
    }
}
