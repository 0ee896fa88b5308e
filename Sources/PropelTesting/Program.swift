import Libc
import SystemPackage

/// Writes an executable file, such as a script.
///
/// The file is written by another process. A parallel test may be starting a program at this moment, whose child
/// inherits the open files of this process; a file that is open for writing cannot be executed (ETXTBSY, execve(2)).
/// - Throws: `Errno` if it cannot be written, or cp(1) fails.
public func writeProgram(_ text: String, to path: String) throws {
    let draft = path + ".draft"
    let file = try FileDescriptor.open(
        FilePath(draft), .writeOnly, options: [.create, .truncate, .closeOnExec],
        permissions: FilePermissions(rawValue: 0o755))
    try file.closeAfter { _ = try file.writeAll(text.utf8) }
    defer { unlink(draft) }
    try copyProgram(from: draft, to: path)
}

/// Copies an executable file, in another process, like ``writeProgram(_:to:)``. Symbolic links are followed.
/// - Throws: `Errno` if cp(1) cannot be started or fails.
public func copyProgram(from source: String, to path: String) throws {
    let words: [String] = ["cp", "--dereference", "--preserve=mode", "--remove-destination", "--", source, path]
    let arguments: [UnsafeMutablePointer<CChar>?] = words.map { word in strdup(word) } + [nil]
    defer { arguments.forEach { free($0) } }
    var process = pid_t()
    let result = posix_spawn(&process, "/bin/cp", nil, nil, arguments, environ)
    guard result == 0 else { throw Errno(rawValue: result) }
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0 {
        guard errno == EINTR else { throw Errno(rawValue: errno) }
    }
    guard status == 0 else { throw Errno.ioError }
}
