import PlainText
import Propel

/// The answer of `propel init`.
struct InitReport: Report {
    /// The absolute path of the new repository.
    var folder: String
    /// The folder as it was given, for the proposed command.
    var givenFolder: String
    /// The entries of its hosts.conf.
    var hosts: [String]
    /// Whether it is a git repository with a first commit.
    var isCommitted: Bool

    var text: TextOutput {
        TextOutput(lines: [
            StyledLine(
                "\(folder) describes \(hosts.joined(separator: " and ")), with the role server of "
                    + "Sources/Hosts/Server.swift."),
            StyledLine("Try it: cd \(ShellQuoting.quote(givenFolder)) && ./propel \(hosts.first ?? "")"),
        ])
    }

    var json: [JSON] {
        [
            .line(
                "repository",
                [
                    "folder": .string(folder), "hosts": .array(hosts.map(JSON.string)),
                    "committed": .bool(isCommitted),
                ])
        ]
    }
}
