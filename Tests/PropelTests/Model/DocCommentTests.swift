import Foundation
import Propel
import Testing

/// The examples in the doc comments of what is public compile.
@Suite struct DocCommentTests {
    @Test func `every example compiles where it would be written`() async throws {
        let examples = try DocComment.examples()
        #expect(examples.count >= 30, "found \(examples.count)")
        let source =
            ["import Properties", ""]
            + examples.enumerated().map { index, example in
                "// \(example.file):\(example.line)\n\(example.source(named: "example\(index)"))"
            }
        let result = try await Compiler().typecheck(
            text: source.joined(separator: "\n"), verifying: false, with: [])
        #expect(result.succeeded, "\(String(decoding: result.errors, as: UTF8.self))")
    }

    @Test func `an example is a block after an empty line above a public declaration`() {
        let found = DocComment.examples(
            in: """
                /// A file.
                ///
                ///     File("/a", "b")
                ///
                ///     File("/c", "d")
                public struct File {
                    /// - Parameters:
                    ///   - mode: the permission bits:
                    ///     `0o644`.
                    public init() {}
                    ///
                    ///     internal
                    func x() {}
                }
                """, file: "Files/File.swift")
        #expect(found.map(\.code) == ["File(\"/a\", \"b\")\n\nFile(\"/c\", \"d\")"])
        #expect(found.map(\.line) == [3])
    }
}

/// The examples of doc comments: their indented blocks.
private enum DocComment {
    struct Example {
        var file: String
        var line: Int
        var code: String
    }

    private static let sources = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../Sources").standardizedFileURL

    /// Blocks that are no Swift: a drawing, and a command line.
    private static let others = ["Propel/Model/Platform.swift", "Propel/Run/EnforcerProgram.swift"]

    static func examples() throws -> [Example] {
        try ["Propel", "Properties"].flatMap { module in
            let files = try FileManager.default.subpathsOfDirectory(atPath: sources.appending(path: module).path)
                .filter { $0.hasSuffix(".swift") }.map { "\(module)/\($0)" }.sorted()
            return try files.filter { !others.contains($0) }.flatMap { file in
                examples(
                    in: try String(contentsOf: sources.appending(path: file), encoding: .utf8), file: file)
            }
        }
    }

    static func examples(in text: String, file: String) -> [Example] {
        var found: [Example] = [], open: Example?, previous = "", pending: [Example] = []
        for (index, line) in text.components(separatedBy: "\n").enumerated() {
            let line = line.trimmingCharacters(in: .whitespaces)
            if line.hasPrefix("///     "), open != nil || previous == "///" {
                let code = line.dropFirst("///     ".count)
                var example = open ?? Example(file: file, line: index + 1, code: "")
                example.code += (open == nil ? "" : "\n") + code
                open = example
            } else if line == "///", open != nil {
                open?.code += "\n"
            } else {
                if var example = open {
                    while example.code.hasSuffix("\n") { example.code.removeLast() }
                    pending.append(example)
                }
                open = nil
                if !line.hasPrefix("///"), !line.hasPrefix("@") {
                    if line.hasPrefix("public ") || line.hasPrefix("@propertyWrapper public ") { found += pending }
                    pending = []
                }
            }
            previous = line
        }
        return found
    }
}

extension DocComment.Example {
    /// The example with what is around it where somebody writes it.
    func source(named name: String) -> String {
        let first = code.prefix { $0.isLetter || $0 == "." }
        if ["struct", "extension"].contains(first) { return "enum \(name) {\n\(code)\n}" }
        let body =
            switch first {
            case "Role", "Host", "Stack": "let value = \n\(code)\n_ = value"
            case "Container", "Network", "Anonymization": inStack(code)
            case "guard", "try": code
            case "": "let value: Content =\n\(code)\n_ = value"
            case _ where file.contains("Stacks/Parts/"):
                inStack("Container(\"x\", image: \"x\") {\n\(code)\n}")
            default:
                """
                _ = Host("x", runs: \(code.contains("RaspberryPi.") ? "RaspberryPiOS" : "Debian").self) {
                \(code)
                }
                """
            }
        return """
            func \(name)(_ host: HostEntry, _ machine: Machine, _ content: Content, _ text: String) async throws {
            \(body)
            }
            """
    }

    private func inStack(_ code: String) -> String { "_ = Stack(\"x\") {\n\(code)\n}" }
}
