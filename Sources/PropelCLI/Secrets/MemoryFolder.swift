import CLinux
import Dispatch
import Foundation
import Propel
import SecretStore
import Subprocess

/// A folder in memory, for a plaintext that a person edits. It is wiped at the end, also if a signal ends the program.
final class MemoryFolder: Sendable {
    let path: String
    // Written by the initializer only, and kept for its lifetime.
    private nonisolated(unsafe) var sources: [any DispatchSourceSignal] = []

    /// Makes the folder in `XDG_RUNTIME_DIR` or /dev/shm, mode 0700.
    /// - Throws: ``UsageError`` if neither is in memory.
    init() throws {
        let places = [ProcessInfo.processInfo.environment["XDG_RUNTIME_DIR"], "/dev/shm"].compactMap(\.self)
        guard let place = places.first(where: { $0.hasPrefix("/") && Self.isInMemory($0) && access($0, W_OK) == 0 })
        else {
            throw UsageError(
                description:
                    "neither $XDG_RUNTIME_DIR nor /dev/shm is a file system in memory, and a disk would keep traces "
                    + "of the plaintext\nUse `propel secret set`."
            )
        }
        guard let template = strdup("\(place)/propel-secret-XXXXXX") else { throw Errno.noMemory }
        defer { free(template) }
        // mkdtemp(3): mode 0700.
        guard mkdtemp(template) != nil else {
            throw UsageError(description: "cannot make a folder in \(place): \(String(cString: strerror(errno)))")
        }
        path = String(cString: template)
        listen()
    }

    /// Whether a path is on tmpfs or ramfs (statfs(2)).
    private static func isInMemory(_ path: String) -> Bool {
        var status = statfs()
        return statfs(path, &status) == 0 && [0x0102_1994, 0x8584_58F6].contains(Int(status.f_type))
    }

    private func listen() {
        for number in [SIGINT, SIGQUIT, SIGTERM, SIGHUP] {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { [self] in
                // The editor handles Ctrl-C and Ctrl-\\.
                guard number == SIGTERM || number == SIGHUP else { return }
                wipe()
                _exit(ExitStatus.interrupted.rawValue)
            }
            source.resume()
            sources.append(source)
        }
    }

    func write(_ bytes: SecretBytes, to name: String) throws {
        let descriptor = open("\(path)/\(name)", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Errno(rawValue: errno) }
        defer { close(descriptor) }
        try bytes.write(to: descriptor)
    }

    func read(_ name: String) throws -> SecretBytes {
        let descriptor = open("\(path)/\(name)", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw UsageError(description: "the editor removed the file; nothing was written")
        }
        defer { close(descriptor) }
        return try SecretBytes(readingFrom: descriptor, called: "what was edited")
    }

    /// Opens a file in the editor, and waits for it.
    /// - Throws: ``UsageError`` if the editor fails.
    func edit(_ name: String) async throws {
        let environment = ProcessInfo.processInfo.environment
        let editor = [environment["VISUAL"], environment["EDITOR"]].compactMap(\.self).first { !$0.isEmpty } ?? "vi"
        // As in git, the variable may have arguments.
        let result = try await Subprocess.run(
            .path("/bin/sh"), arguments: ["-c", "\(editor) \"$@\"", editor, "\(path)/\(name)"],
            input: .fileDescriptor(.standardInput, closeAfterSpawningProcess: false),
            output: .fileDescriptor(.standardOutput, closeAfterSpawningProcess: false),
            error: .fileDescriptor(.standardError, closeAfterSpawningProcess: false))
        guard result.terminationStatus.isSuccess else {
            throw UsageError(
                description: "the editor (\(editor)) failed; nothing was written\nSet EDITOR to one that works.")
        }
    }

    /// Overwrites and removes all files, also those that the editor left, and the folder.
    func wipe() {
        for name in (try? FileManager.default.subpathsOfDirectory(atPath: path)) ?? [] {
            let descriptor = open("\(path)/\(name)", O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
            guard descriptor >= 0 else { continue }
            defer { close(descriptor) }
            var status = stat()
            guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { continue }
            let zeros = [UInt8](repeating: 0, count: Int(status.st_size))
            _ = try? FileDescriptor(rawValue: descriptor).writeAll(zeros)
        }
        try? FileManager.default.removeItem(atPath: path)
    }
}
