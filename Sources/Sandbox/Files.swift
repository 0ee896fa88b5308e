import Foundation

/// Where everything of the sandboxes lies on this machine. All of it belongs to root alone.
enum Place {
    /// One directory a machine, and the file that describes the network.
    static let machines = "/var/lib/propel-sandbox"
    /// The installed Debians that new machines are copied from.
    static let bases = "/var/cache/propel/sandbox"
    static let locks = "/run/propel-sandbox"
}

/// Writes the file whole or not at all: a temporary file beside it, renamed over it.
/// - Parameter permissions: as for chmod(2), whatever the umask.
func writeFile(_ text: String, to path: String, permissions: mode_t) throws {
    let temporary = path + ".new"
    unlink(temporary)
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, permissions)
    guard descriptor >= 0 else { throw SandboxError.file(temporary, reason: String(cString: strerror(errno))) }
    let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    do {
        fchmod(descriptor, permissions)
        try handle.write(contentsOf: Data(text.utf8))
        try handle.close()
        guard rename(temporary, path) == 0 else {
            throw SandboxError.file(path, reason: String(cString: strerror(errno)))
        }
    } catch {
        unlink(temporary)
        throw error
    }
}

/// The text of a file, or nil where there is none or it cannot be read. Works for files in /proc and /sys, which state no size.
func readFile(_ path: String) -> String? {
    guard let handle = FileHandle(forReadingAtPath: path), let data = try? handle.readToEnd() else { return nil }
    return String(decoding: data, as: UTF8.self)
}

/// Makes a directory and those above it, for root alone where they are new.
func makePrivateDirectory(_ path: String) throws {
    try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
}

/// Removes a directory tree without crossing into another file system that may be mounted in it.
func removeTree(_ path: String) async throws {
    let removal = Command("rm", "-rf", "--one-file-system", "--", path)
    if try await removal.succeeds() { return }
    // Files that were made immutable.
    _ = try await Command("chattr", "-R", "-f", "-i", "-a", "--", path).succeeds()
    try await removal.output()
}
