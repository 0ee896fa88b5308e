import Vocabulary
import ArgumentParser
import Foundation
import Sandbox

struct SandboxCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sandbox", abstract: "Throwaway Debian machines, booted in seconds on this one.",
        subcommands: [Up.self, Down.self, List.self, Shell.self])

    struct Up: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Make a sandbox and boot it.")

        @Argument var name: String
        @Option(help: "The Debian release: bookworm or trixie.")
        var suite: DebianRelease?

        func run() async throws {
            try await reportingProblems {
                let sandbox = try await Sandbox.up(name.sandboxName, suite: suite) { Terminal.error.print($0) }
                Terminal.output.print(
                    "\(sandbox.name) (\(sandbox.suite.rawValue)) answers at \(sandbox.user)@\(sandbox.address); `propel sandbox shell \(name)` logs in"
                )
            }
        }
    }

    struct Down: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Take sandboxes away, with everything in them.")

        @Argument var names: [String]

        func run() async throws {
            try await reportingProblems { for name in names { try await Sandbox.down(name.sandboxName) } }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the sandboxes.")

        func run() async throws {
            try await reportingProblems {
                for entry in try Sandbox.list() {
                    let place = entry.sandbox.map { "\($0.suite.rawValue)  \($0.address)" } ?? ""
                    Terminal.output.print("\(entry.name)  \(entry.state.rawValue)  \(place)")
                }
            }
        }
    }

    struct Shell: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Log in to a sandbox as root.")

        @Argument var name: String
        @Flag(name: .customLong("print"), help: "Print the ssh command that logs in, instead of running it.")
        var isPrinted = false

        func run() async throws {
            try await reportingProblems {
                guard let sandbox = Sandbox.running(name.sandboxName) else {
                    throw UsageError(description: "no sandbox \(name) is running; `propel sandbox up \(name)` makes it")
                }
                let arguments = sandbox.shell()
                // The words are paths, options and an address of ours: none needs quoting.
                if isPrinted { return Terminal.output.print(arguments.joined(separator: " ")) }
                let pointers: [UnsafeMutablePointer<CChar>?] = arguments.map { argument in strdup(argument) } + [nil]
                execvp(arguments[0], pointers)
                throw UsageError(description: "cannot start \(arguments[0]): \(String(cString: strerror(errno)))")
            }
        }
    }
}

extension DebianRelease: ExpressibleByArgument {}

extension String {
    /// What the sandbox of a host of this name is called: a name in hosts.conf may have dots, that of a machine has none.
    var sandboxName: String { replacing(".", with: "-") }
}
