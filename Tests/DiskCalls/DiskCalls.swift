import CLinux
import Libc
import Synchronization

/// The syncs and renames below a directory, as the kernel gets them from the code of a test.
///
/// The functions of libc are replaced for the whole test program, so what is tested needs no seam for it.
public final class DiskCalls: Sendable {
    private static let observers = Mutex<[DiskCalls]>([])

    private let directory: String
    private let failure: String?
    private let successes: Mutex<Int>
    private let log = Mutex<[String]>([])

    private init(_ directory: String, failure: String?, after successes: Int) {
        self.directory = directory
        self.failure = failure
        self.successes = Mutex(successes)
    }

    /// The calls during `body`: `sync DIRECTORY/.motd.propel 12 bytes`, `sync DIRECTORY`,
    /// `rename DIRECTORY/.motd.propel to DIRECTORY/motd`.
    /// - Parameters:
    ///   - directory: an absolute path without links.
    ///   - failure: the end of the path whose sync fails with EIO; none by default.
    ///   - successes: how many syncs of that path succeed before; 0 by default.
    public static func observe(
        below directory: String, failing failure: String? = nil, after successes: Int = 0,
        _ body: () async throws -> Void
    ) async rethrows -> [String] {
        let calls = DiskCalls(directory, failure: failure, after: successes)
        observers.withLock { $0.append(calls) }
        defer { observers.withLock { $0.removeAll { $0 === calls } } }
        try await body()
        return calls.log.withLock { $0 }
    }

    private static func path(_ descriptor: Int32) -> String {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/fd/\(descriptor)", &buffer, buffer.count)
        return String(decoding: buffer[..<max(0, count)].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func note(_ path: String, _ words: String) -> Bool {
        let calls = observers.withLock { $0 }.filter { path.hasPrefix($0.directory) }
        for call in calls { call.log.withLock { $0.append(words) } }
        return calls.contains { $0.fails(path) }
    }

    private func fails(_ path: String) -> Bool {
        guard let failure, path.hasSuffix(failure) else { return false }
        return successes.withLock { successes in
            successes -= 1
            return successes < 0
        }
    }

    /// Notes a sync.
    /// - Returns: whether it fails.
    fileprivate static func sync(_ descriptor: Int32) -> Bool {
        if observers.withLock({ $0.isEmpty }) { return false }
        var status = stat()
        fstat(descriptor, &status)
        let path = path(descriptor), size = status.st_mode & S_IFMT == S_IFREG ? " \(status.st_size) bytes" : ""
        return note(path, "sync \(path)\(size)")
    }

    fileprivate static func rename(
        _ directory: Int32, _ old: UnsafePointer<CChar>, _ newDirectory: Int32, _ new: UnsafePointer<CChar>
    ) {
        if observers.withLock({ $0.isEmpty }) { return }
        let path = "\(path(directory))/\(String(cString: old))"
        _ = note(path, "rename \(path) to \(self.path(newDirectory))/\(String(cString: new))")
    }
}

@_cdecl("fsync") public func notedSync(_ descriptor: Int32) -> Int32 {
    guard !DiskCalls.sync(descriptor) else {
        errno = EIO
        return -1
    }
    return fdatasync(descriptor)
}

@_cdecl("renameat") public func notedRename(
    _ directory: Int32, _ old: UnsafePointer<CChar>, _ newDirectory: Int32, _ new: UnsafePointer<CChar>
) -> Int32 {
    DiskCalls.rename(directory, old, newDirectory, new)
    return renameat2(directory, old, newDirectory, new, 0)
}
