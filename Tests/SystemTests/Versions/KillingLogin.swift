import Foundation

/// A login of a machine that kills the enforcer of one run at its N-th file operation; see `Tests/Fixtures/kill-at.c`.
struct KillingLogin {
    /// What became of the enforcer of a run.
    struct Ending {
        /// The number of its file operations, with the one at which it was killed.
        var operations: Int
        var isKilled: Bool
        /// The last of them, such as “renameat2 .motd.propel”.
        var last: String
    }

    private let machine: TestMachine
    /// The folder of the program on the machine's disk.
    private var folder: String { "\(machine.disk)/root/root/kill-at" }

    /// Installs the program as the command of every login.
    init(on machine: TestMachine) async throws {
        self.machine = machine
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let source = Configuration.repository.appending(path: "Tests/Fixtures/kill-at.c").path
        _ = try await Configuration.run("clang", ["-O", "-static", "-o", "\(folder)/kill-at", source])
        try await machine.ssh(
            "echo 'ForceCommand /root/kill-at/kill-at' > /etc/ssh/sshd_config.d/kill-at.conf && systemctl reload ssh")
    }

    /// Has the next connection kill its enforcer.
    /// - Parameter operation: the number of the operation that is not made; nil counts them only.
    func arm(at operation: Int?) throws {
        try? FileManager.default.removeItem(atPath: "\(folder)/result")
        try "\(operation ?? 0)\n".write(toFile: "\(folder)/point", atomically: true, encoding: .utf8)
    }

    /// Waits until the enforcer has ended.
    func ending() async throws -> Ending {
        try await eventually("the enforcer has ended") {
            FileManager.default.fileExists(atPath: "\(folder)/result")
        }
        let words = try String(contentsOfFile: "\(folder)/result", encoding: .utf8).split(separator: " ")
        let lines = try String(contentsOfFile: "\(folder)/operations", encoding: .utf8).split(separator: "\n")
        guard let operations = Int(words[0]) else { throw Unexpected("kill-at: \(words)") }
        return Ending(
            operations: operations, isKilled: words[1].hasPrefix("killed"), last: lines.last.map(String.init) ?? "")
    }
}
