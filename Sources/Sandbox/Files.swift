import Foundation

/// The directories of the sandboxes on this computer, for root only.
enum Place {
    /// A directory for each machine, and the record of the network.
    static let machines = "/var/lib/propel-sandbox"
    /// The installed Debians; see `Base`.
    static let bases = "/var/cache/propel/sandbox"
    static let locks = "/run/propel-sandbox"
}

/// Writes a file atomically: a temporary file is renamed over it.
/// - Parameter permissions: As for chmod(2), independent of the umask.
func writeFile(_ text: String, to path: String, permissions: mode_t) throws {
    let temporary = path + ".new"
    unlink(temporary)
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, permissions)
    guard descriptor >= 0 else { throw SandboxError.systemCall(on: temporary) }
    let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    do {
        fchmod(descriptor, permissions)
        try handle.write(contentsOf: Data(text.utf8))
        try handle.close()
        guard rename(temporary, path) == 0 else {
            throw SandboxError.systemCall(on: path)
        }
    } catch {
        unlink(temporary)
        throw error
    }
}

/// Reads a file as text; nil if that fails. Works in /proc and /sys, where files have no size.
func readFile(_ path: String) -> String? {
    guard let handle = FileHandle(forReadingAtPath: path), let data = try? handle.readToEnd() else { return nil }
    return String(decoding: data, as: UTF8.self)
}

/// Creates a directory and its missing parents with mode 0700.
func makePrivateDirectory(_ path: String) throws {
    try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
}

/// Removes a directory tree, but not the file systems that are mounted in it.
func removeTree(_ path: String) async throws {
    let removal = LocalCommand("rm", "-rf", "--one-file-system", "--", path)
    if try await removal.succeeds() { return }
    // Some files may be immutable.
    _ = try await LocalCommand("chattr", "-R", "-f", "-i", "-a", "--", path).succeeds()
    try await removal.output()
}
