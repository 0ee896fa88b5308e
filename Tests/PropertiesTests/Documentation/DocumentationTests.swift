import Foundation
import Testing

/// The Swift on the pages is what is compiled and tested here.
@Suite struct DocumentationTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    private static let root = folder.appending(path: "../../..")

    @Test(arguments: [
        ("README.md", ["DocumentationExampleHost.swift"]),
        (
            "docs/writing-a-property.md",
            [
                "DocumentationExampleCron.swift", "DocumentationExampleCronTests.swift",
                "DocumentationExampleNaive.swift",
                "DocumentationExample.swift", "DocumentationExampleTests.swift", "DocumentationExampleGuard.swift",
            ]
        ),
        ("docs/lock-out.md", ["DocumentationExampleGuard.swift"]),
        ("docs/nginx.md", ["DocumentationExampleNginx.swift"]),
        ("docs/coming-from-ansible.md", ["DocumentationExampleAnsible.swift"]),
        ("docs/fleets.md", ["DocumentationExampleFleet.swift", "DocumentationExampleFleetTests.swift"]),
        ("docs/files.md", ["DocumentationExampleFiles.swift"]),
        ("docs/stacks.md", ["../../../Sources/Hosts/Shop.swift", "DocumentationExampleNginx.swift"]),
        (
            "docs/compose-examples.md",
            [
                "../../PropelCLITests/ComposeImport/Examples/Edge.swift",
                "../../PropelCLITests/ComposeImport/Examples/Forum.swift",
                "../../PropelCLITests/ComposeImport/Examples/Tickets.swift",
                "../../PropelCLITests/ComposeImport/Examples/Bookshop.swift",
                "../../PropelCLITests/ComposeImport/Examples/SmartHome.swift",
                "../../PropelCLITests/ComposeImport/Examples/WeatherStation.swift",
            ]
        ),
    ])
    func `every block of swift is in a tested file`(_ page: String, _ files: [String]) throws {
        let code = try files.map {
            try Self.lines(of: String(contentsOf: Self.folder.appending(path: $0), encoding: .utf8))
        }
        let blocks = try String(contentsOf: Self.root.appending(path: page), encoding: .utf8).components(
            separatedBy: "```swift\n"
        ).dropFirst()
            .map { $0.components(separatedBy: "```")[0] }
        try #require(!blocks.isEmpty)
        for block in blocks {
            // A line with an ellipsis alone leaves something out.
            for part in block.components(separatedBy: "…\n").map(Self.lines) where !part.isEmpty {
                #expect(code.contains { $0.contains(part) }, "\(page): \(block)")
            }
        }
    }

    /// Without what tells a part of a file from the whole: indentation, empty lines.
    private static func lines(of text: String) -> [String] {
        text.components(separatedBy: "\n").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
    }
}
