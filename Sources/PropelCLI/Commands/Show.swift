import ArgumentParser
import Propel

struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show the properties of a host, where each is declared, and what it needs. Touches no machine.",
        discussion: """
            Examples:
              propel show web1.example.com
              propel show web1.example.com --json
            """)

    @Argument(help: "The host, by its name in hosts.conf.")
    var host: String
    @OptionGroup var format: FormatOptions

    func run() async throws {
        try await reportingProblems {
            let checkout = try await Checkout.open()
            let target = try await checkout.withFiles(checkout.targets([host]))[0]
            let store = checkout.secretStore, entry = target.machine.entry
            let secrets = try target.host.secrets.map { name in
                let stored = try store.secret(name, host: target.name, role: entry.role)
                let generation = target.host.secretGenerations[name.description]
                return ShowReport.Secret(
                    name: "\(name)", context: stored.map { "\($0.context)" },
                    generated: generation.map { "\($0.generator)" })
            }
            let ports = target.host.steps.flatMap { step in
                step.property.ports.map { ShowReport.Port(port: "\($0)", path: step.path) }
            }
            let files = target.files.paths.map { path in
                let tree = target.files.manifest.tree(RepositoryDirectory(path)).files
                let contents = target.files.manifest.files[path].map { [$0] } ?? Array(tree.values)
                return ShowReport.File(
                    path: path, count: contents.count, size: contents.reduce(0) { $0 + $1.size },
                    isDirectory: target.files.manifest.files[path] == nil)
            }
            format.format.print(
                ShowReport(
                    host: target.name, role: entry.role, tag: entry.tag, platform: target.host.platform,
                    properties: target.host.declarations.map(ShowReport.Node.init), secrets: secrets,
                    ports: ports, files: files, fleetHosts: target.host.fleetHosts.map(\.name)))
        }
    }
}
