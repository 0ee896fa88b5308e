import PropelTesting
import Properties

extension FakeMachine {
    /// Lets dpkg know of these packages, and of no others.
    func hasInstalled(_ packages: String...) {
        let stanzas = packages.map { "Package: \($0)\nStatus: install ok installed\nVersion: 1\n" }
        files.put("/var/lib/dpkg/status", stanzas.joined(separator: "\n"))
    }

    /// Lets the user pi write their authorized keys, as the script does that is run with their rights.
    func writesAuthorizedKeysOfPi() {
        let files = files, pi = Owner(user: 1000, group: 1000)
        commands.program("setpriv") { command in
            let directory = FilePath(command.arguments[command.arguments.count - 2]).appending(".ssh")
            guard command.arguments.last == "\(command.input.count)" else {
                return .failing(1, "the keys arrived incomplete")
            }
            if try files.status(of: directory) == nil {
                try files.createDirectory(directory, mode: 0o700, owner: pi)
            }
            try files.setMode(0o700, of: directory)
            try files.replace(directory.appending("authorized_keys"), with: command.input, mode: 0o600, owner: pi)
            return .printing()
        }
    }

    /// Lets programs run with the rights of the user pi.
    func runsProgramsOfPi() {
        let commands = commands
        commands.program("runuser") { command in
            guard command.arguments.prefix(3) == ["--user", "pi", "--"] else { return .failing() }
            return try await commands.run(
                Invocation(
                    command.arguments[3], Array(command.arguments.dropFirst(4)), environment: command.environment))
        }
    }

    /// A Debian 13 instead of 12.
    func isTrixie() {
        files.put("/usr/lib/os-release", "ID=debian\nVERSION_ID=\"13\"\nVERSION_CODENAME=trixie\n")
    }

    /// The answer of the check of a reverted property.
    func checkReverted(_ property: some Revertible) async throws -> Check { try await check(property.reverted()) }
}

extension Check {
    /// Why it is unmet; nil where it is not.
    var reason: String? { if case .unmet(let change) = self { change.reason } else { nil } }
    var diff: String? { if case .unmet(let change) = self { change.diff?.text } else { nil } }
    var isUnknown: Bool { if case .unknown = self { true } else { false } }
}
