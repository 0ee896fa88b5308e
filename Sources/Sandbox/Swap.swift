import Foundation
import PlainText

/// The swap files of a sandbox. They belong to the kernel and stay active when the processes of the sandbox have
/// exited.
enum Swap {
    /// Switches off the swap files below `root`.
    ///
    /// /proc/swaps has the paths within the sandbox, so each path is looked for below `root`. swapoff(2) compares the
    /// files themselves, so a file of another machine with the same path stays active.
    static func switchOff(below root: String) async throws {
        for line in (readFile("/proc/swaps") ?? "").nonEmptyLines.dropFirst() {
            let fields = line.split(whereSeparator: \.isWhitespace).map(String.init)
            guard fields.count >= 2, fields[1] == "file" else { continue }
            let path = fields[0].octalUnescaped
            for file in [root + path, path] where file.hasPrefix(root + "/") {
                // No link may lead out of the sandbox: root there could link to the swap of this computer.
                guard let real = realpath(file, nil) else { continue }
                defer { free(real) }
                guard String(cString: real) == file else { continue }
                // Fails if the entry belongs to another machine.
                _ = try await LocalCommand("swapoff", "--", file).succeeds()
            }
        }
    }
}
