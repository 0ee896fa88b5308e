import ArgumentParser
import Vocabulary

struct EnforcerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enforcer",
        abstract: "Build or import propel-enforce for machines with another architecture.",
        discussion: """
            A run builds what it needs by itself. These are for computers that cannot build it.

            Example:
              propel enforcer build --architecture aarch64
            """,
        subcommands: [EnforcerBuild.self, EnforcerImport.self])
}

extension Architecture: ExpressibleByArgument {}
