import Foundation
import Subprocess
import SystemPackage

/// A compressed file that is kept beside the original, as `FILE.xz` or `FILE.gz`, since compressing takes longer than
/// sending.
enum CompressedFile {
    /// The compressed file, recreated if it is missing or its modification time differs from the original's.
    static func of(_ file: String, with compression: Compression, remake: Bool) async throws -> Data {
        let compressed = file + compression.suffix
        let original = try status(of: file)
        if !remake, let present = try? status(of: compressed), present.st_mtim.tv_sec == original.st_mtim.tv_sec,
            present.st_mtim.tv_nsec == original.st_mtim.tv_nsec
        {
            return try Data(reading: compressed)
        }
        try await make(compressed, of: file, with: compression, modified: original.st_mtim)
        return try Data(reading: compressed)
    }

    private static func make(
        _ compressed: String, of file: String, with compression: Compression, modified: timespec
    ) async throws {
        func failure(_ reason: String) -> TransportError { .enforcerUnusable(file: compressed, reason: reason) }
        // A unique name for each writer: several connections may create it at the same time.
        var template = Array((compressed + ".XXXXXX").utf8CString)
        let descriptor = mkstemp(&template)
        guard descriptor >= 0 else { throw failure(errorText(errno)) }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        let temporary = String(terminatedByNUL: template)
        var isRenamed = false
        defer { if !isRenamed { unlink(temporary) } }
        let output = FileDescriptor(rawValue: descriptor)
        defer { close(descriptor) }
        let result = try await run(
            compression.executable, arguments: Arguments(compression.arguments + ["--", file]), input: .none,
            output: .fileDescriptor(output, closeAfterSpawningProcess: false), error: .string(limit: 4096))
        guard result.terminationStatus.isSuccess else { throw failure(result.standardError) }
        let times = [modified, modified]
        guard futimens(descriptor, times) == 0, rename(temporary, compressed) == 0 else {
            throw failure(errorText(errno))
        }
        isRenamed = true
    }

    static func status(of file: String) throws -> stat {
        var result = stat()
        guard stat(file, &result) == 0 else {
            throw TransportError.enforcerUnusable(file: file, reason: errorText(errno))
        }
        return result
    }
}

extension Data {
    /// The content of a file, mapped if possible. Those of uploads are replaced as a whole, never written to.
    init(reading file: String) throws {
        do {
            self = try Data(contentsOf: URL(fileURLWithPath: file), options: .mappedIfSafe)
        } catch {
            throw TransportError.enforcerUnusable(file: file, reason: error.localizedDescription)
        }
    }
}
