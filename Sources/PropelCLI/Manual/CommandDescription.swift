import Propel

/// A command as the argument parser dumps it (`propel --experimental-dump-help`).
struct CommandDescription {
    struct Argument {
        /// With their dashes, such as `-v` and `--verbose`; empty for a positional argument.
        let names: [String]
        let takesValue: Bool
        let isRepeating: Bool
        let valueName: String?
        let abstract: String

        /// Whether the parser itself adds it to every command.
        var isHelp: Bool { names.contains("--help") || names.contains("--version") }
    }

    /// The words that name it, without `propel`: `["secret", "set"]`.
    let path: [String]
    let abstract: String
    let discussion: String
    let arguments: [Argument]
    let subcommands: [CommandDescription]

    init(_ dump: JSON, path: [String] = []) {
        self.path = path
        abstract = dump["abstract"]?.string ?? ""
        discussion = dump["discussion"]?.string ?? ""
        arguments = (dump["arguments"]?.array ?? []).filter { $0["shouldDisplay"] != false }.map(Argument.init)
        subcommands = (dump["subcommands"]?.array ?? []).compactMap { subcommand in
            guard subcommand["shouldDisplay"] != false, let name = subcommand["commandName"]?.string, name != "help"
            else { return nil }
            return CommandDescription(subcommand, path: path + [name])
        }
    }

    /// The commands below it that do something themselves, or itself.
    var leaves: [CommandDescription] { subcommands.isEmpty ? [self] : subcommands.flatMap(\.leaves) }
}

extension CommandDescription.Argument {
    init(_ dump: JSON) {
        names = (dump["names"]?.array ?? []).compactMap { name in
            guard let word = name["name"]?.string else { return nil }
            return (name["kind"]?.string == "long" ? "--" : "-") + word
        }
        takesValue = dump["kind"]?.string == "option"
        isRepeating = dump["isRepeating"] == true
        valueName = dump["valueName"]?.string
        abstract = dump["abstract"]?.string ?? ""
    }
}
