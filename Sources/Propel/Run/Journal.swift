import Libc

/// The file to which a run writes its events, one per line, in the order in which they happen.
struct Journal: Sendable {
    private let descriptor: FileDescriptor

    init(appendingTo path: FilePath) throws {
        descriptor = try FileDescriptor.open(own: path, .writeOnly, options: [.append, .closeOnExec, .noFollow])
    }

    func append(_ event: Event) { _ = try? descriptor.writeAll(event.json.line) }
}

/// Reads the journal of a run while it grows.
struct JournalReader: ~Copyable {
    private let descriptor: FileDescriptor
    /// Reports changes (inotify(7)); nil if the machine has no inotify instance left.
    private let changes: FileDescriptor?
    /// The beginning of a line that is not complete yet.
    private var rest: [UInt8] = []

    init(path: FilePath) throws {
        descriptor = try FileDescriptor.open(own: path, .readOnly, options: [.closeOnExec])
        let raw = inotify_init1(Int32(IN_CLOEXEC) | Int32(IN_NONBLOCK))
        if raw >= 0, inotify_add_watch(raw, path.string, UInt32(IN_MODIFY)) >= 0 {
            changes = FileDescriptor(rawValue: raw)
        } else {
            if raw >= 0 { close(raw) }
            changes = nil
        }
    }

    deinit {
        try? descriptor.close()
        try? changes?.close()
    }

    /// The complete lines that were written since the last call.
    mutating func newLines() -> ArraySlice<UInt8> {
        while let part = try? descriptor.part(upTo: 64 * 1024), !part.isEmpty { rest += part }
        guard let end = rest.lastIndex(of: UInt8(ascii: "\n")) else { return [] }
        defer { rest.removeSubrange(...end) }
        return rest[...end]
    }

    /// Waits until the journal may have changed, the other end of `lifeline` is closed, or the timeout has passed.
    func waitForChange(or lifeline: FileDescriptor, timeout: Duration) {
        // Without inotify the journal is polled.
        let milliseconds = changes == nil ? 100 : Int32(timeout.inSeconds * 1000)
        var waiting = [pollfd(fd: lifeline.rawValue, events: Int16(POLLIN), revents: 0)]
        if let changes { waiting.append(pollfd(fd: changes.rawValue, events: Int16(POLLIN), revents: 0)) }
        _ = poll(&waiting, nfds_t(waiting.count), milliseconds)
        if let changes {
            // A run that changes nothing writes all of its lines within milliseconds: as one piece of output they cost
            // less than one by one.
            usleep(1000)
            var discarded = [UInt8](repeating: 0, count: 4096)
            while read(changes.rawValue, &discarded, discarded.count) > 0 {}
        }
    }
}
