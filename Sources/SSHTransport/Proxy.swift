import Foundation
import PlainText
import Synchronization

extension ClientConfiguration {
    /// The command line of the proxy to connect through; `nil` for a direct TCP connection.
    ///
    /// `ProxyJump` becomes `ssh -W`. It never prompts, since several hosts may connect through one jump host at the
    /// same time.
    func proxyCommand(configurationFile: String?) throws -> [String]? {
        if let jump = self["proxyjump"], jump != "none" {
            let hops = jump.split(separator: ",").map(String.init)
            guard let last = hops.last, hops.allSatisfy({ !$0.begins(with: "-") }) else {
                throw TransportError.configuration(host: alias, reason: "ProxyJump \"\(jump)\" is not supported")
            }
            var words = ["ssh", "-o", "BatchMode=yes", "-o", "ClearAllForwardings=yes"]
            if let configurationFile { words += ["-F", configurationFile] }
            if hops.count > 1 { words += ["-J", hops.dropLast().joined(separator: ",")] }
            // A URI may have a user, a port and an IPv6 address.
            return words + ["-W", "[\(hostName)]:\(port)", "--", last.hasPrefix("ssh://") ? last : "ssh://" + last]
        }
        guard let command = self["proxycommand"], command != "none" else { return nil }
        guard !isOn("proxyusefdpass") else {
            throw TransportError.configuration(
                host: alias,
                reason:
                    "ProxyUseFdpass is not supported: set it to no, with a proxy command that carries the data itself")
        }
        guard !user.contains(anyOf: "'`\"$\\;&<>|(){}\r\n") else {
            throw TransportError.configuration(
                host: alias, reason: "the user name contains characters that a proxy command cannot take")
        }
        let shell = ProcessInfo.processInfo.environment["SHELL"] ?? "/bin/sh"
        return [shell, "-c", "exec " + (try expandTokens(command))]
    }
}

/// A running proxy command. It is terminated and reaped when the last reference goes.
final class ProxyProcess {
    private let process: pid_t
    private let errorDescriptor: Int32
    let command: String

    /// Starts the program with its standard input and output on a socket pair.
    ///
    /// - Returns: the other end of that socket, non-blocking; the caller owns it.
    static func start(_ words: [String], host: String) throws -> (ProxyProcess, Int32) {
        let command =
            words.count > 2 && words[1] == "-c"
            ? String(words[2].dropFirst("exec ".count)) : words.joined(separator: " ")
        func failure(_ code: Int32) -> TransportError {
            .proxyFailed(host: host, command: command, output: errorText(code))
        }
        var pair: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &pair) == 0 else {
            throw failure(errno)
        }
        var errors: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &errors) == 0 else {
            let code = errno
            pair.forEach { close($0) }
            throw failure(code)
        }
        // Only these ends: the proxy's standard streams must block.
        for ours in [pair[0], errors[0]] { _ = fcntl(ours, F_SETFL, fcntl(ours, F_GETFL) | O_NONBLOCK) }

        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, pair[1], 0)
        posix_spawn_file_actions_adddup2(&actions, pair[1], 1)
        posix_spawn_file_actions_adddup2(&actions, errors[1], 2)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // A separate process group, so that Ctrl-C at the terminal does not kill the proxy before the run has been
        // stopped.
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
        posix_spawnattr_setpgroup(&attributes, 0)

        var arguments = words.map { strdup($0) } + [nil]
        defer { arguments.forEach { free($0) } }
        var process: pid_t = 0
        let code = posix_spawnp(&process, words[0], &actions, &attributes, &arguments, environ)
        close(pair[1])
        close(errors[1])
        guard code == 0 else {
            close(pair[0])
            close(errors[0])
            throw failure(code)
        }
        return (ProxyProcess(process: process, errorDescriptor: errors[0], command: command), pair[0])
    }

    private init(process: pid_t, errorDescriptor: Int32, command: String) {
        self.process = process
        self.errorDescriptor = errorDescriptor
        self.command = command
    }

    /// Its standard error so far: the last 16 kB.
    func output() -> String {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(errorDescriptor, &chunk, chunk.count)
            guard count > 0 else { break }
            bytes = (bytes + chunk[..<count]).suffix(16384)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    deinit {
        kill(-process, SIGTERM)
        close(errorDescriptor)
        let process = process
        // Reaped on another thread: a process that ignores the signal must not block the caller.
        let reaper = Thread {
            for _ in 0..<200 {
                if waitpid(process, nil, WNOHANG) != 0 { return }
                usleep(10_000)
            }
            kill(-process, SIGKILL)
            waitpid(process, nil, 0)
        }
        reaper.stackSize = 1 << 18
        reaper.start()
    }
}
