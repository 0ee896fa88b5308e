import Foundation
import SSHTransport
import Subprocess
import SystemPackage

extension Checkout {
    private var layout: PackageLayout { PackageLayout(root: root) }

    /// Builds both programs if the sources have changed since the last build, and replaces this process by the new
    /// program.
    /// - Returns: the sources, which this program was built from.
    /// - Throws: ``UsageError`` if the configuration does not compile.
    func rebuildIfStale() async throws -> String {
        let freshness = Freshness(root: root)
        let sources = await SourceScan.sources(of: root)
        if freshness.isFresh(sources), FileManager.default.fileExists(atPath: layout.enforcer.path) {
            // A program from elsewhere may have been built from another configuration.
            if ownExecutable == layout.program.resolvingSymlinksInPath().path { return sources }
        } else {
            try await build(sources, freshness)
        }
        try becomeProgram()
    }

    private func build(_ sources: String, _ freshness: Freshness) async throws {
        if let found = FoundationImport.first(in: root) { throw UsageError(description: found.description) }
        if freshness.builtFrom != nil {
            Terminal.error.print("The configuration has changed: building.")
        } else if FileManager.default.fileExists(atPath: layout.program.path) {
            Terminal.error.print("Building.")
        } else {
            Terminal.error.print("Building. The first build takes several minutes.")
        }
        var built = sources, now = sources
        // The first build writes Package.resolved; and somebody may save a file during a build.
        for _ in 1...3 {
            built = now
            let status = try await Subprocess.run(
                .name("swift"), arguments: Arguments(SwiftBuild.arguments + ["--package-path", root.path]),
                output: .currentStandardError, error: .currentStandardError
            ).terminationStatus
            guard status.isSuccess else {
                throw UsageError(description: "the configuration does not compile; see above")
            }
            now = freshness.sources()
            if now == built { break }
        }
        // swift build does not sync, and what is remembered as built is not built again after a power cut.
        for program in [layout.program, layout.enforcer] { try FilePath(program.path).sync() }
        try freshness.remember(built)
    }

    private func becomeProgram() throws -> Never {
        throw BuildError(
            description: replaceProcess(by: [layout.program.path] + CommandLine.arguments.dropFirst()))
    }

    private var ownExecutable: String {
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    }

    /// The enforcer for machines with the architecture of this computer.
    func enforcer() async throws -> Enforcer {
        try EnforcerFile(path: layout.enforcer.resolvingSymlinksInPath().path).enforcer()
    }
}
