import PlainText
import Subprocess

/// A command on this computer, run with a fixed search path and in the C locale, so that its output can be read.
struct LocalCommand {
    let name: String
    let arguments: [String]

    init(_ name: String, _ arguments: String...) {
        self.init(name, arguments)
    }

    init(_ name: String, _ arguments: [String]) {
        self.name = name
        self.arguments = arguments
    }

    /// With the sbin directories for `ip` and `iptables`, which `sudo` and cron may leave out.
    static let searchPath = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"]

    private static let environment = Environment.custom([
        "PATH": searchPath.joined(separator: ":"), "LC_ALL": "C", "HOME": "/root", "DEBIAN_FRONTEND": "noninteractive",
    ])

    private func execute() async throws -> (status: TerminationStatus, output: String) {
        // Subprocess would start a process for each directory of the search path until one has the program.
        let program = try await Executable.name(name).resolveExecutablePath(in: Self.environment)
        let result = try await run(
            .path(program), arguments: Arguments(arguments), environment: Self.environment,
            output: .string(limit: 16 << 20), error: .combinedWithOutput)
        return (result.terminationStatus, result.standardOutput)
    }

    /// Runs the command and returns its standard output and error.
    /// - Throws: ``SandboxError/commandFailed(_:status:output:)`` unless it exits with 0.
    @discardableResult
    func output() async throws -> String {
        let (status, output) = try await execute()
        guard status.isSuccess else {
            throw SandboxError.commandFailed(
                ([name] + arguments).joined(separator: " "), status: "\(status)", output: lastLines(of: output, 20))
        }
        return output
    }

    /// Whether the command exits with 0.
    func succeeds() async throws -> Bool {
        try await execute().status.isSuccess
    }
}

func lastLines(of text: String, _ count: Int) -> String {
    text.nonEmptyLines.suffix(count).joined(separator: "\n")
}
