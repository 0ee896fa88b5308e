import ArgumentParser
import Foundation
import Sandbox

struct SandboxShell: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "shell", abstract: "Log in to a sandbox as root.")

    @Argument(help: "The name of the sandbox.")
    var name: String
    @Flag(name: .customLong("print"), help: "Print the ssh command that logs in, instead of running it.")
    var isPrinted = false
    @Flag(name: .long, help: "Print the ssh command as a JSON object, for programs.")
    var json = false

    func run() async throws {
        try await reportingProblems {
            guard let sandbox = Sandbox.running(name.sandboxName) else {
                throw UsageError(description: "sandbox \(name) is not running: `propel sandbox up \(name)` boots it")
            }
            let arguments = sandbox.shell()
            if isPrinted || json {
                return OutputFormat(isJSON: json).print(SandboxShellReport(name: sandbox.name, command: arguments))
            }
            throw UsageError(description: replaceProcess(by: arguments))
        }
    }
}
