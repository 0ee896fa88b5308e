import Foundation
import Propel
import Testing

@testable import PropelCLI

@Suite struct CataloguePagesTests {
    private static let page = """
        # Web

        ## Site

        A site of `nginx`. It listens.

        ```swift
        Site("a") {
            ## no heading
        }
        ```

        - `name`: its name.

        ### Site.Options

        The settings of a site.

        ## Reload

        Reloads nginx.

        """

    private func pages() throws -> CataloguePages {
        let folder = FileManager.default.temporaryDirectory.appending(path: "propel-pages-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try "# The catalogue\n\n- [Web](web.md): `Site`\n".write(
            to: folder.appending(path: "README.md"), atomically: true, encoding: .utf8)
        try Self.page.write(to: folder.appending(path: "web.md"), atomically: true, encoding: .utf8)
        return try CataloguePages(readingFrom: folder)
    }

    private func shown(_ word: String?) throws -> String {
        try PropertiesCommand.report(on: word, in: pages()).text.lines.map { $0.text(isColored: false) }.joined(
            separator: "\n")
    }

    @Test func `all properties are listed by subject`() throws {
        #expect(try shown(nil) == "Web\n  Site    A site of nginx.\n  Reload  Reloads nginx.")
    }

    @Test(arguments: ["Site", "site", "listens"])
    func `a name or a word of one shows how it is used`(_ word: String) throws {
        #expect(
            try shown(word) == """
                Site

                A site of nginx. It listens.

                    Site("a") {
                        ## no heading
                    }

                - name: its name.

                more: Site.Options
                """)
    }

    @Test func `a word of several lists them, and a part is shown by its name`() throws {
        #expect(try shown("nginx") == "Web\n  Site    A site of nginx.\n  Reload  Reloads nginx.")
        #expect(try shown("site.options").hasPrefix("Site.Options\n\nThe settings"))
        let json = try PropertiesCommand.report(on: "Reload", in: pages()).json
        #expect(json.count == 1 && json[0]["name"]?.string == "Reload" && json[0]["text"]?.string == "Reloads nginx.")
    }

    @Test func `an unknown word names what is near`() throws {
        let pages = try pages()
        let error = #expect(throws: UsageError.self) { _ = try PropertiesCommand.report(on: "Sitee", in: pages) }
        #expect(error?.description.contains("did you mean Site") == true)
    }

    /// The pages of this repository, as the program finds them.
    @Test(arguments: ["File", "Nginx.Site", "TLS.ACME", "Apt.Installed", "User", "Stack"])
    func `the pages of the catalogue have an example of each`(_ name: String) throws {
        let entry = try #require(try CataloguePages().entries(for: name).first)
        #expect(entry.name == name)
        #expect(entry.lines.contains("```swift"))
        #expect(!entry.summary.isEmpty && !entry.summary.contains("\n"))
    }

    @Test func `a type with a nested type shows how it is made`() throws {
        let lines = try #require(try CataloguePages().entries(for: "Line").first).lines
        #expect(lines.contains("Line(") && lines.contains("    position: Position = .end,"))
        #expect(lines.contains { $0.hasPrefix("- `position`: ") })
    }
}
