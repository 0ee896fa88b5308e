import Foundation
import Subprocess
import SystemPackage
import Testing

/// `propel-enforce` needs nothing of the machine that it is copied to.
@Suite struct EnforcerFileTests {
    private let repository = Configuration.repository
    private var enforcer: URL { repository.appending(path: ".build/release/propel-enforce") }

    @Test func itIsStaticAndStripped() async throws {
        let headers = try await Subprocess.run(
            .name("readelf"), arguments: ["--program-headers", "--dynamic", "--section-headers", "--wide", enforcer.path],
            output: .string(limit: 1 << 20), error: .discarded
        ).standardOutput
        #expect(headers.contains("LOAD"))
        #expect(!headers.contains("INTERP"), "it asks for a dynamic loader")
        #expect(!headers.contains("NEEDED"), "it asks for shared libraries")
        #expect(!headers.contains(".symtab"), "it is not stripped")
    }

    @Test func itIsSmall() throws {
        let size = try #require(try enforcer.resourceValues(forKeys: [.fileSizeKey]).fileSize)
        print("propel-enforce: \(size) bytes")
        #expect(size <= 15_000_000)
    }

    /// The half that runs on the target imports nothing that would not link into it.
    @Test(arguments: ["Propel", "Properties", "Hosts", "Enforce"]) func itImportsOnlyWhatLinksStatically(_ module: String) throws {
        let allowed: Set<String> = [
            "Propel", "Properties", "Hosts", "Glibc", "Musl", "CLinux", "Synchronization", "Subprocess", "SystemPackage", "FoundationEssentials",
        ]
        let folder = repository.appending(path: "Sources/\(module)")
        let files = try #require(FileManager.default.enumerator(atPath: folder.path)).compactMap { $0 as? String }.filter { $0.hasSuffix(".swift") }
        #expect(!files.isEmpty)
        for file in files {
            for line in try String(contentsOf: folder.appending(path: file), encoding: .utf8).split(separator: "\n") {
                let words = line.split(separator: " ")
                guard let keyword = words.firstIndex(of: "import"), words[..<keyword].allSatisfy({ $0.hasPrefix("@") || $0 == "public" || $0 == "internal" }),
                    let imported = words.last
                else { continue }
                #expect(allowed.contains(String(imported)), "\(file): \(line)")
            }
        }
    }
}
