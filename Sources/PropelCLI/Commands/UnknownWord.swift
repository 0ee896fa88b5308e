import ArgumentParser
import HostsConf

/// A first word of the command line that names neither a command nor a host, such as `propel deply web1`.
struct UnknownWord: Error, CustomStringConvertible {
    let word: String
    let commands: [String]
    let hosts: [String]

    /// - Returns: nil if the unknown host was not the first word, where a command could stand.
    init?(_ error: HostsConf.UnknownHost, arguments: [String]) {
        guard arguments.first == error.name else { return nil }
        word = error.name
        commands = nearestNames(to: word, among: Self.allCommands)
        hosts = error.nearest
    }

    private static var allCommands: [String] {
        PropelCommand.configuration.subcommands.map { $0._commandName }
    }

    var description: String {
        let candidates = commands.map { "the command “\($0)”" } + hosts.map { "the host “\($0)”" }
        return "“\(word)” is neither a command nor a host"
            + (candidates.isEmpty ? "" : "; did you mean \(candidates.joined(separator: " or "))?")
            + "\n`propel --help` lists the commands, `propel hosts` the hosts."
    }
}
