import Libc

/// The events of a run, a line each, in the order in which they happened.
struct Journal: Sendable {
    private let descriptor: FileDescriptor

    init(appendingTo path: FilePath) throws {
        descriptor = try FileDescriptor.open(path, .writeOnly, options: [.append, .closeOnExec, .noFollow])
    }

    func append(_ event: Event) { _ = try? descriptor.writeAll((event.json.description + "\n").utf8) }

    /// Brings the journal to disk.
    func sync() { fsync(descriptor.rawValue) }
}

/// The journal of a run that may still be growing.
struct JournalReader: ~Copyable {
    private let descriptor: FileDescriptor
    /// Tells of changes (inotify(7)); nil where the machine has no more of those to give.
    private let changes: FileDescriptor?
    /// The beginning of a line whose end has not been written yet.
    private var rest: [UInt8] = []

    init(path: FilePath) throws {
        descriptor = try FileDescriptor.open(path, .readOnly, options: [.closeOnExec])
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

    /// The whole lines that have come since the last time.
    mutating func newLines() -> ArraySlice<UInt8> {
        while true {
            let part = try? [UInt8](unsafeUninitializedCapacity: 64 * 1024) { space, filled in
                filled = try descriptor.read(into: UnsafeMutableRawBufferPointer(space))
            }
            guard let part, !part.isEmpty else { break }
            rest += part
        }
        guard let end = rest.lastIndex(of: 0x0A) else { return [] }
        defer { rest.removeSubrange(...end) }
        return rest[...end]
    }

    /// Waits until the journal may have changed, the other end of `life` is gone, or the time is over.
    func waitForChange(or life: FileDescriptor, atMost limit: Duration) {
        // Without word of changes it is looked at often.
        let milliseconds = changes == nil ? 100 : Int32(limit.inSeconds * 1000)
        var waiting = [pollfd(fd: life.rawValue, events: Int16(POLLIN), revents: 0)]
        if let changes { waiting.append(pollfd(fd: changes.rawValue, events: Int16(POLLIN), revents: 0)) }
        _ = poll(&waiting, nfds_t(waiting.count), milliseconds)
        if let changes {
            var discarded = [UInt8](repeating: 0, count: 4096)
            while read(changes.rawValue, &discarded, discarded.count) > 0 {}
        }
    }
}
