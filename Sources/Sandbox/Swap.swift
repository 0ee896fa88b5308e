import Foundation

/// Swap belongs to the kernel and not to a machine: what a sandbox switched on stays on when its processes are gone.
enum Swap {
    /// Switches off the swap files that lie below `root`.
    ///
    /// /proc/swaps shows a sandbox's file by its path within the sandbox. Each path is therefore looked for below `root`;
    /// swapoff(2) compares the file itself, so another machine's file of the same path stays on.
    static func switchOff(below root: String) async throws {
        for line in (readFile("/proc/swaps") ?? "").split(separator: "\n").dropFirst() {
            let fields = line.split(whereSeparator: \.isWhitespace).map(String.init)
            guard fields.count >= 2, fields[1] == "file" else { continue }
            let path = unescaped(fields[0])
            for file in [root + path, path] where file.hasPrefix(root + "/") {
                // No link may lead out of the sandbox: root there could point it to this machine's own swap.
                guard let real = realpath(file, nil) else { continue }
                defer { free(real) }
                guard String(cString: real) == file else { continue }
                // Fails where the file is no active swap, because the entry is another machine's.
                _ = try await Command("swapoff", "--", file).succeeds()
            }
        }
    }
}
