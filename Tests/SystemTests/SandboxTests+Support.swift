import Foundation
import Sandbox
import Subprocess
import Testing
import Vocabulary

// MARK: - Machines of a test

func uniqueName() -> String { "test-\(UUID().uuidString.prefix(8).lowercased())" }

extension Sandbox {
    /// The arguments of an ssh that asks nothing.
    /// - Parameter timeout: that of the connection, in seconds.
    func sshArguments(timeout: Int) -> [String] {
        // The key exchange that ssh prefers costs more than all else of such a command, and is not what is tested.
        let options = ["BatchMode=yes", "ConnectTimeout=\(timeout)", "KexAlgorithms=curve25519-sha256"]
        return options.flatMap { ["-o", $0] } + shell().dropFirst()
    }

    /// Runs a command and returns what it printed, without the last newline.
    func ssh(_ command: String) async throws -> String {
        try await output("ssh", sshArguments(timeout: 5) + [command])
    }

    func bootID() async throws -> String { try await ssh("cat /proc/sys/kernel/random/boot_id") }

    /// The boot ID, once it differs from `before`.
    func bootID(after former: String) async throws -> String {
        var current: String?
        try await eventually("\(name) has booted again") {
            current = try? await bootID()
            return current != nil && current != former
        }
        return current ?? former
    }
}

// MARK: - This machine

struct CommandFailed: Error { let description: String }

func output(_ name: String, _ arguments: [String]) async throws -> String {
    let result = try await run(
        .name(name), arguments: Arguments(arguments), output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
    guard result.terminationStatus.isSuccess else {
        throw CommandFailed(
            description:
                "\(name) \(arguments): \(result.terminationStatus)\n\(result.standardOutput)\(result.standardError)")
    }
    return result.standardOutput.trimmingCharacters(in: .newlines)
}

func text(_ path: String) throws -> String {
    guard let handle = FileHandle(forReadingAtPath: path) else {
        throw CommandFailed(description: "cannot open \(path)")
    }
    return String(decoding: try handle.readToEnd() ?? Data(), as: UTF8.self)
}

func processes(_ matches: (String) -> Bool) async throws -> [pid_t] {
    try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap { pid_t($0) }.filter {
        matches((try? text("/proc/\($0)/cmdline")) ?? "")
    }
}

/// Every place where a file named after a machine could be left.
func find(_ name: String) async throws -> [String] {
    let files = try await output(
        "find",
        [
            "/var/lib", "/var/cache/propel", "/var/log", "/run", "/etc", "/sys/fs/cgroup", "-xdev",
            "-ignore_readdir_race",
            // Not into what other machines consist of: that comes and goes while they are at work.
            "(", "-path", "/var/lib/propel-sandbox/*/*", "-o", "-path", "/sys/fs/cgroup/*propel-sandbox-*/*", ")",
            "-prune",
            "-o", "-name", "*\(name)*", "-print",
        ]
    ).split(separator: "\n").map(String.init)
    let running = try await processes { $0.contains(name) }.map { "process \($0)" }
    return files + running
}

/// The state of this computer that sandboxes change, except for swap, which has its own test.
struct Trace: Equatable {
    let mounts: [String]
    let links: [String]
    let rules: [String]
    let forwarding: String
    let files: [String]

    init() async throws {
        mounts = try text("/proc/self/mountinfo").split(separator: "\n").map(String.init).filter {
            $0.contains("propel")
        }
        // nspawn calls the outer end of a machine's cable vb-, and the machine's name.
        links = try FileManager.default.contentsOfDirectory(atPath: "/sys/class/net")
            .filter { $0.hasPrefix("propel") || $0.hasPrefix("vb-propel") }.sorted()
        rules = try await output("iptables-save", []).split(separator: "\n").map(String.init)
            .filter { $0.contains("propel") || $0.contains("10.77.") }
        forwarding = try text("/proc/sys/net/ipv4/ip_forward")
        files = try await find("propel-sandbox")
    }
}
