import ArgumentParser
import HostsConf

struct PropertiesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "properties",
        abstract: "List the properties that a role can have, or show how one is used.",
        discussion: """
            Examples:
              propel properties
              propel properties Nginx.Site
              propel properties firewall
            """)

    @Argument(help: "The name of a property, or a word that stands in its description; all without it.")
    var name: String?
    @OptionGroup var format: FormatOptions

    func run() async throws {
        try await reportingProblems {
            format.format.print(try Self.report(on: name, in: try CataloguePages()))
        }
    }

    /// - Throws: ``UsageError`` if no property has the word.
    static func report(on word: String?, in pages: CataloguePages) throws -> PropertiesReport {
        guard let word else {
            return PropertiesReport(entries: pages.entries.filter { !$0.isPart }, isWhole: false)
        }
        let found = pages.entries(for: word)
        guard let first = found.first else {
            let nearest = nearestNames(to: word, among: pages.entries.map(\.name))
            throw UsageError(
                description: "no property is named “\(word)” or has it in its description"
                    + (nearest.isEmpty ? "" : "; did you mean \(nearest.joined(separator: " or "))?")
                    + "\n`propel properties` lists them.")
        }
        guard found.count == 1 else { return PropertiesReport(entries: found, isWhole: false) }
        return PropertiesReport(entries: found, isWhole: true, parts: pages.parts(of: first))
    }
}
