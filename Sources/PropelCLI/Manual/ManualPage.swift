import Propel

/// The manual page of `propel`, in mdoc(7), from the dump that the argument parser makes of its commands.
struct ManualPage {
    private let command: CommandDescription

    /// - Parameter dump: the output of `propel --experimental-dump-help`.
    init(_ dump: JSON) { command = CommandDescription(dump["command"] ?? .object([:])) }

    var text: String {
        let sections = [
            """
            .Dd \(Self.date(Version.date))
            .Dt PROPEL 1
            .Os
            .Sh NAME
            .Nm propel
            .Nd \(Self.escaped(Self.summary(command.abstract)))
            .Sh SYNOPSIS
            .Nm propel
            .Ar host ...
            .Op Ar option ...
            .Nm propel
            .Ar command
            .Op Ar argument ...
            .Op Ar option ...
            .Sh DESCRIPTION
            """,
            Self.paragraphs(command.discussion),
            ".Sh COMMANDS",
            command.subcommands.flatMap(\.leaves).map(Self.section).joined(separator: "\n"),
            """
            .Sh FILES
            .Bl -tag -width Ds
            .It Pa hosts.conf
            The hosts, their roles, and how to reach them.
            .It Pa Sources/Hosts
            The roles.
            .It Pa secrets
            The encrypted secrets and the keyring.
            .It Pa /var/lib/propel
            On a host: the enforcer, the journals of runs, the originals of changed files.
            .El
            .Sh SEE ALSO
            .Xr git-notes 1 ,
            .Xr gpg 1 ,
            .Xr ssh_config 5
            """,
        ]
        return sections.filter { !$0.isEmpty }.joined(separator: "\n") + "\n"
    }

    private static func section(_ command: CommandDescription) -> String {
        var lines = [".Ss \(escaped(command.path.joined(separator: " ")))", sentence(command.abstract)]
        let arguments = command.arguments.filter { !$0.isHelp }
        if !arguments.isEmpty {
            lines.append(".Bl -tag -width Ds")
            for argument in arguments {
                lines.append(".It \(argument.macro)")
                lines.append(sentence(argument.abstract))
            }
            lines.append(".El")
        }
        if !command.discussion.isEmpty { lines += [".Pp", paragraphs(command.discussion)] }
        return lines.filter { !$0.isEmpty }.joined(separator: "\n")
    }

    /// Text with empty lines between paragraphs and examples indented by two spaces.
    private static func paragraphs(_ text: String) -> String {
        var lines: [String] = []
        var isLiteral = false
        var needsBreak = false
        for line in text.lines {
            if line.hasPrefix("  ") != isLiteral {
                isLiteral.toggle()
                lines.append(isLiteral ? ".Bd -literal -offset indent" : ".Ed")
                needsBreak = false
            }
            if line.isEmpty {
                needsBreak = lines.last.map { $0 != ".Ed" } ?? false
                continue
            }
            if needsBreak { lines.append(".Pp") }
            needsBreak = false
            lines.append(isLiteral ? escaped(String(line.dropFirst(2))) : escaped(String(line)))
        }
        if isLiteral { lines.append(".Ed") }
        return lines.joined(separator: "\n")
    }

    /// Without a final full stop, as the NAME section has it.
    private static func summary(_ text: String) -> String { text.hasSuffix(".") ? String(text.dropLast()) : text }

    private static func sentence(_ text: String) -> String {
        text.nonEmptyLines.map { escaped(String($0)) }.joined(separator: "\n")
    }

    /// Text without a meaning for roff: neither escapes nor, at the start of a line, requests.
    fileprivate static func escaped(_ text: String) -> String {
        (text.begins(with: ".") || text.begins(with: "'") ? "\\&" : "") + Escaping.roff.escape(text)
    }

    /// `November 29, 2026`, as mdoc(7) wants a date.
    private static func date(_ day: String) -> String {
        let months = [
            "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
            "November", "December",
        ]
        let parts = day.split(separator: "-").compactMap { Int($0) }
        guard parts.count == 3, months.indices.contains(parts[1] - 1) else { return day }
        return "\(months[parts[1] - 1]) \(parts[2]), \(parts[0])"
    }
}

extension CommandDescription.Argument {
    /// The arguments of `.It`.
    fileprivate var macro: String {
        let value = valueName.map(ManualPage.escaped) ?? ""
        if names.isEmpty { return "Ar \(value)" + (isRepeating ? " ..." : "") }
        let flags = names.map { "Fl \(ManualPage.escaped(String($0.dropFirst())))" }.joined(separator: " , ")
        return takesValue ? "\(flags) Ar \(value)" : flags
    }
}
