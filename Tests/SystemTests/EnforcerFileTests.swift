import Foundation
import Subprocess
import SystemPackage
import Testing

/// `propel-enforce` needs nothing of the machine that it is copied to.
@Suite struct EnforcerFileTests {
    private let repository = Configuration.repository
    private var enforcer: URL { Configuration.fleet.appending(path: ".build/release/propel-enforce") }

    @Test func `the enforcer is static and stripped`() async throws {
        let headers = try await Subprocess.run(
            .name("readelf"),
            arguments: ["--program-headers", "--dynamic", "--section-headers", "--wide", enforcer.path],
            output: .string(limit: 1 << 20), error: .discarded
        ).standardOutput
        #expect(headers.contains("LOAD"))
        #expect(!headers.contains("INTERP"), "it asks for a dynamic loader")
        #expect(!headers.contains("NEEDED"), "it asks for shared libraries")
        #expect(!headers.contains(".symtab"), "it is not stripped")
    }

    @Test func `the enforcer is at most 15 MB`() throws {
        let size = try #require(try enforcer.resourceValues(forKeys: [.fileSizeKey]).fileSize)
        print("propel-enforce: \(size) bytes")
        #expect(size <= 15_000_000)
    }

    /// The /proc files of a process that may not be dumped belong to root (proc(5), `PR_SET_DUMPABLE`).
    @Test func `the enforcer leaves no core dump`() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "propel-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
        defer { try? FileManager.default.removeItem(at: folder) }
        let program = folder.appending(path: "propel-enforce")
        // Not by this process; see `writeProgram`.
        _ = try await Configuration.run(
            "install", ["--mode=755", "--", enforcer.resolvingSymlinksInPath().path, program.path])
        // Each waits for its input. The enforcer says that it is ready once it has begun.
        let script = """
            exec 3< <(exec sleep 60); holder=$!
            setpriv --reuid=65534 cat <&3 > /dev/null & control=$!
            exec 4< <(setpriv --reuid=65534 "$1" plan --mark x <&3 & echo $!; wait)
            read -r process <&4; read -r ready <&4
            for i in $(seq 100); do [ "$(cat /proc/$control/comm)" = cat ] && break; sleep 0.05; done
            echo "$ready $(stat -c %u /proc/$process/environ) $(stat -c %u /proc/$control/environ)"
            kill $process $control $holder
            """
        let result = try await Subprocess.run(
            .name("bash"), arguments: ["-c", script, "bash", program.path], output: .string(limit: 4096),
            error: .string(limit: 4096))
        #expect(result.standardOutput == "propel:x:ready 0 65534\n", "\(result)")
    }

    @Test(arguments: [
        "BinaryPatch", "Propel", "Properties", "Hosts", "Libc", "PlainText", "Vocabulary", "Programs/propel-enforce",
    ])
    func `the enforcer imports only modules that link statically`(
        _ module: String
    ) throws {
        let allowed: Set<String> = [
            "BinaryPatch", "Propel", "Properties", "Examples", "Libc", "PlainText", "Vocabulary", "Glibc", "Musl",
            "CLinux",
            "DeterministicHashing",
            "Synchronization", "Subprocess",
            "SystemPackage", "FoundationEssentials",
        ]
        let folder = repository.appending(path: "Sources/\(module)")
        let files = try #require(FileManager.default.enumerator(atPath: folder.path)).compactMap { $0 as? String }
            .filter { $0.hasSuffix(".swift") }
        #expect(!files.isEmpty)
        for file in files {
            for line in try String(contentsOf: folder.appending(path: file), encoding: .utf8).split(separator: "\n") {
                let words = line.split(separator: " ")
                guard let keyword = words.firstIndex(of: "import"),
                    words[..<keyword].allSatisfy({ $0.hasPrefix("@") || $0 == "public" || $0 == "internal" }),
                    // `import struct Module.Name` names one declaration of a module.
                    let imported = words.last?.split(separator: ".").first
                else { continue }
                #expect(allowed.contains(String(imported)), "\(file): \(line)")
            }
        }
    }
}
