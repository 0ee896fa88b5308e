import Foundation
import Propel

@testable import PropelCLI

/// The commands as the parser dumps them.
enum CommandDump {
    static var root: CommandDescription {
        get throws { CommandDescription(try JSON(parsing: PropelCommand._dumpHelp())["command"] ?? .object([:])) }
    }

    /// The commands that do something themselves.
    static var leaves: [CommandDescription] { get throws { try root.subcommands.flatMap(\.leaves) } }
}

/// The files of this package.
enum Package {
    static let root = URL(filePath: #filePath).appending(path: "../../../..").standardizedFileURL

    static func text(_ name: String) throws -> String {
        try String(contentsOf: root.appending(path: name), encoding: .utf8)
    }
}
