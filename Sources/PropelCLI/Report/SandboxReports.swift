import Propel
import Sandbox

/// The answer of `propel sandbox list`.
struct SandboxListReport: Report {
    struct Row {
        var name: String
        var state: String
        /// The Debian release and the address; nil as long as the sandbox is incomplete.
        var release: String?
        var address: String?
    }

    var rows: [Row]

    var text: TextOutput {
        guard !rows.isEmpty else {
            return TextOutput(notes: [StyledLine("there are no sandboxes: `propel sandbox up NAME` makes one")])
        }
        let cells = rows.map { [$0.name, $0.state, $0.release ?? "-", $0.address ?? "-"] }
        return TextOutput(lines: Table([["NAME", "STATE", "RELEASE", "ADDRESS"]] + cells).lines)
    }

    var json: [JSON] { rows.map { .line("sandbox", $0.jsonMembers) } }
}

/// The answer of `propel sandbox up`.
struct SandboxUpReport: Report {
    var sandbox: SandboxListReport.Row
    var user: String
    /// The name that the command was given.
    var givenName: String

    var text: TextOutput {
        let login = "\(user)@\(sandbox.address ?? "")"
        return TextOutput(lines: [
            StyledLine(
                "\(sandbox.name) (\(sandbox.release ?? "")) is running at \(login): "
                    + "`propel sandbox shell \(givenName)` logs in")
        ])
    }

    var json: [JSON] { [.line("sandbox", sandbox.jsonMembers.merging(["user": .string(user)]) { $1 })] }
}

/// The answer of `propel sandbox down`: text would only repeat the command.
struct SandboxDownReport: Report {
    var names: [String]

    var text: TextOutput { TextOutput() }
    var json: [JSON] { names.map { .line("sandbox-removed", ["name": .string($0)]) } }
}

/// The answer of `propel sandbox shell --print`: the command that logs in.
struct SandboxShellReport: Report {
    var name: String
    var command: [String]

    // The words are paths, options and an address of Propel's: none needs quoting.
    var text: TextOutput { TextOutput(verbatim: command.joined(separator: " ") + "\n") }
    var json: [JSON] {
        [.line("sandbox-login", ["name": .string(name), "command": .array(command.map(JSON.string))])]
    }
}

extension SandboxListReport.Row {
    fileprivate var jsonMembers: [String: JSON?] {
        [
            "name": .string(name), "state": .string(state), "release": release.map(JSON.string) ?? .null,
            "address": address.map(JSON.string) ?? .null,
        ]
    }

    init(_ sandbox: Sandbox, state: Sandbox.State) {
        self.init(
            name: sandbox.name, state: state.rawValue, release: sandbox.suite.rawValue, address: sandbox.address)
    }
}
