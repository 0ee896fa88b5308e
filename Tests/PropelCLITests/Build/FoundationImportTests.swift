import Foundation
import Testing

@testable import PropelCLI

@Suite struct FoundationImportTests {
    private let scratch: PackageFolder

    init() throws {
        scratch = try PackageFolder()
        try scratch.make("Sources/propel-enforce", "Sources/propel", "Sources/Extra")
        try scratch.write("import Hosts\nimport Propel\n", "Sources/propel-enforce/main.swift")
        try scratch.write("import Foundation\n", "Sources/propel/main.swift")
    }

    private func found(_ source: String, in file: String = "Sources/Hosts/Web.swift") throws -> FoundationImport? {
        try scratch.write(source, file)
        return FoundationImport.first(in: scratch.root)
    }

    @Test(arguments: [
        "import Foundation", "@preconcurrency import Foundation", "public import Foundation",
        "import struct Foundation.URL",
        "import FoundationNetworking", "import Foundation  // for URL", "\timport\tFoundation",
    ])
    func `an import of Foundation in a role is found with file and line`(_ line: String) throws {
        let found = try #require(try found("import Properties\n\(line)\n"))
        #expect(found.file == "Sources/Hosts/Web.swift")
        #expect(found.line == 2)
        #expect("\(found)".hasPrefix("Sources/Hosts/Web.swift:2: “import Foundation"))
    }

    @Test(arguments: [
        "import Properties", "// import Foundation", "import FoundationEssentials", "let text = \"import Foundation\"",
        "/*\nimport Foundation\n*/", "/* import Foundation */", "#if canImport(Darwin)\nimport Foundation\n#endif",
    ])
    func `what links is accepted`(_ source: String) throws {
        #expect(try found(source) == nil)
    }

    @Test func `modules that a role imports are searched too, those of the laptop are not`() throws {
        try scratch.write("import Foundation\n", "Sources/Extra/Extra.swift")
        #expect(try found("import Properties\n") == nil)
        #expect(try found("import Extra\n")?.file == "Sources/Extra/Extra.swift")
    }
}
