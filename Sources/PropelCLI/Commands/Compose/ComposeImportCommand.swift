import ArgumentParser
import Foundation
import Propel

struct ComposeImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Print a compose file, or several, as the Swift of a Stack.",
        discussion: """
            Variables are replaced by their values in the file that --env names. A variable whose name has PASSWORD, \
            SECRET, TOKEN or KEY in it becomes a Secret, and a comment says which command sets it; its value is never \
            printed. A variable that has no value becomes a key of hosts.conf. A file of the project becomes a \
            ConfigurationFile, a directory a Volume in that directory. `extends`, `include`, anchors, `env_file` and \
            `profiles` are resolved. Of several files each is put over those before it, as `docker compose -f` does; \
            `compose.override.yaml` and the files of COMPOSE_FILE count without being named.

            What is not taken over is a comment, and a line on standard error; the exit status is 1 then.

            Examples:
              propel compose import compose.yaml --directory /opt/nextcloud > Sources/Hosts/Nextcloud.swift
              propel compose import compose.yaml compose.tls.yaml
            """)

    @Argument(help: "The compose file, and those that are put over it.")
    var files: [String]

    @Option(
        help: ArgumentHelp(
            "The file with the values of variables; .env beside the first compose file by default.",
            valueName: "file"))
    var env: String?

    @Option(
        help: ArgumentHelp(
            "The directory of the project on the machine, for its data; that of the file by default.", valueName: "path"
        ))
    var directory: String?

    @Option(help: "The name of the stack; that of the project by default. Only a stack of the same name takes it over.")
    var name: String?

    @OptionGroup var format: FormatOptions

    func validate() throws {
        guard directory?.hasPrefix("/") != false else {
            throw ValidationError("--directory takes a path from the root on: /opt/nextcloud")
        }
    }

    func run() async throws {
        try await reportingProblems {
            let project = try ComposeProject(files: files, environment: env, name: name)
            var swift = ComposeImport(
                project, directory: FilePath(directory ?? project.directory.path).lexicallyNormalized())
            let text = swift.swift()
            format.format.print(
                ComposeImportReport(file: files.joined(separator: ", "), swift: text, omissions: swift.omissions))
            guard swift.omissions.isEmpty else { throw ExitStatus.failed }
        }
    }
}
