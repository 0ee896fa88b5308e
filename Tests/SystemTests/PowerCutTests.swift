import Foundation
import PropelTesting
import Testing

/// Programs that count as built are complete after a power failure.
@Suite struct PowerCutTests {
    private let release = Configuration.fleet.appending(path: ".build/release")
    private let programs = ["propel", "propel-enforce"]

    /// A configuration whose results are on that disk.
    private func configuration(on disk: FragileDisk) throws -> Configuration {
        let configuration = try Configuration(hosts: "[a]\nrole = \"demo\"\n")
        let build = configuration.folder.appending(path: ".build")
        try FileManager.default.removeItem(at: build)
        try FileManager.default.createSymbolicLink(at: build, withDestinationURL: disk.root)
        return configuration
    }

    @Test func `an imported enforcer survives a power failure`() async throws {
        try await FragileDisk.with { disk in
            let configuration = try configuration(on: disk)
            // Up to date, so that nothing is built.
            try FileManager.default.createDirectory(
                at: disk.root.appending(path: "release"), withIntermediateDirectories: true)
            for name in programs {
                try copyProgram(
                    from: release.appending(path: name).path, to: disk.root.appending(path: "release/\(name)").path)
            }
            try FileManager.default.copyItem(
                at: Configuration.fleet.appending(path: ".build/propel-sources"),
                to: disk.root.appending(path: "propel-sources"))
            // The processor's number is in the 19th byte (elf(5)).
            var program = try Data(contentsOf: release.appending(path: "propel-enforce"))
            program[18] = 183
            let file = configuration.folder.appending(path: "elsewhere")
            try program.write(to: file)
            let hash = String(try await Configuration.run("sha256sum", [file.path]).prefix(64))
            func importing(_ sources: String) async throws -> Answer {
                try await configuration.propel(
                    "enforcer", "import", file.path, "--architecture", "aarch64", "--sha256", hash, "--sources", sources
                )
            }
            let told = try await importing(String(repeating: "0", count: 64)).errors
            let sources = try String(#require(told.firstMatch(of: #/here: +([0-9a-f]{64})/#)).1)
            let imported = try await importing(sources)
            #expect(imported.status == 0, "\(imported)")

            try await disk.afterPowerCut { left in
                let kept = try Data(
                    contentsOf: left.appending(path: "enforcers/aarch64/\(sources)/import/propel-enforce"))
                let isWhole = kept == program
                #expect(isWhole, "\(kept.count) bytes of \(program.count)")
            }
        }
    }

    /// The sources of the programs are remembered. The kernel may write that record and the programs in any order.
    @Test func `programs that count as built survive a power failure`() async throws {
        try await FragileDisk.with { disk in
            let configuration = try configuration(on: disk)
            let compiler = configuration.folder.appending(path: "swift")
            try writeProgram(
                "#!/bin/sh\nmkdir '\(disk.root.path)/release' && cp '\(release.path)/propel' "
                    + "'\(release.path)/propel-enforce' '\(disk.root.path)/release'\n",
                to: compiler.path)
            let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
            let built = try await configuration.propel(
                ["hosts"], environment: ["PATH": "\(configuration.folder.path):\(path)"])
            #expect(built.status == 0 && built.errors.contains("Building"), "\(built)")
            _ = try await Configuration.run("sync", [disk.root.appending(path: "propel-sources").path])

            try await disk.afterPowerCut { left in
                #expect(FileManager.default.fileExists(atPath: left.appending(path: "propel-sources").path))
                for name in programs {
                    let isWhole = FileManager.default.contentsEqual(
                        atPath: left.appending(path: "release/\(name)").path,
                        andPath: release.appending(path: name).resolvingSymlinksInPath().path)
                    #expect(isWhole, "\(name)")
                }
            }
        }
    }
}
