import Foundation

/// The files of this repository that its style applies to.
enum Repository {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    struct File: Sendable {
        /// The path in the repository.
        let path: String
        let lines: [String]
    }

    static let swift = files(below: ["Sources", "Tests"]) { $0.hasSuffix(".swift") }
    static let pages =
        files(below: ["docs", "Sources"]) { $0.hasSuffix(".md") }
        + ["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"].compactMap(file)

    private static func files(below folders: [String], _ isIncluded: (String) -> Bool) -> [File] {
        folders.flatMap { folder -> [File] in
            let names = FileManager.default.enumerator(atPath: root.appending(path: folder).path)
            // Build folders have the sources of libraries.
            return (names?.compactMap { $0 as? String } ?? []).filter { isIncluded($0) && !$0.contains(".build") }
                .sorted().compactMap { file("\(folder)/\($0)") }
        }
    }

    private static func file(_ path: String) -> File? {
        guard let text = try? String(contentsOf: root.appending(path: path), encoding: .utf8) else { return nil }
        return File(
            path: path,
            lines: text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { String($0)! })
    }
}
