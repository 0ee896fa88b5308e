import Foundation

/// A child process that ends with the test. Foundation's `Process` hangs beside long-lived children.
final class Child: Sendable {
    let process: pid_t

    /// - Parameter output: a file descriptor for standard output.
    init(_ words: [String], output: Int32? = nil) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        if let output {
            posix_spawn_file_actions_adddup2(&actions, output, 1)
        } else {
            posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        }
        // The test runner's threads may block signals, which a child would inherit.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var arguments = words.map { strdup($0) } + [nil]
        defer { arguments.forEach { free($0) } }
        var child: pid_t = 0
        let code = posix_spawnp(&child, words[0], &actions, &attributes, &arguments, environ)
        guard code == 0 else { throw Server.Failure(description: "\(words[0]): error \(code)") }
        process = child
    }

    var isRunning: Bool { waitpid(process, nil, WNOHANG) == 0 }

    func wait() -> Int32 {
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        return status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + status & 0x7F
    }

    func end() {
        if kill(process, SIGTERM) == 0 { _ = wait() }
    }
}

/// Runs a script and returns its output without surrounding whitespace.
@discardableResult
func shell(_ script: String) throws -> String {
    var ends: [Int32] = [-1, -1]
    guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
        throw Server.Failure(description: "socketpair: error \(errno)")
    }
    defer { close(ends[0]) }
    let child: Child
    do {
        defer { close(ends[1]) }
        child = try Child(["/bin/sh", "-ec", script], output: ends[1])
    }
    var data = Data()
    var chunk = [UInt8](repeating: 0, count: 4096)
    while case let count = read(ends[0], &chunk, chunk.count), count > 0 { data += chunk[..<count] }
    let status = child.wait()
    guard status == 0 else { throw Server.Failure(description: "exit status \(status): \(script)") }
    return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
}
