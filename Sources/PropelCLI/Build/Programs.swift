import SSHTransport
import Foundation
import Subprocess
import SystemPackage

/// The build did not succeed. Its output has been shown.
struct BuildError: Error, CustomStringConvertible {
    var description: String
}

extension Checkout {
    private var binaries: URL { root.appending(path: ".build/release") }

    /// Builds both programs where the sources have changed since the last time, and goes on as the new one.
    func rebuildIfStale() async throws {
        let freshness = Freshness(root: root)
        let sources = freshness.sources()
        let program = binaries.appending(path: "propel")
        let builtFrom = freshness.builtFrom
        if builtFrom == sources, FileManager.default.fileExists(atPath: enforcerFile.path) {
            // A copy from elsewhere may be of another configuration.
            if ownExecutable == program.resolvingSymlinksInPath().path { return }
        } else {
            let hasChanged = builtFrom.map { $0 != sources } ?? false
            Terminal.error.print(hasChanged ? "The configuration has changed: building." : "Building.")
            let status = try await Subprocess.run(
                .name("swift"), arguments: ["build", "--configuration", "release", "--package-path", root.path],
                output: .currentStandardError, error: .currentStandardError
            ).terminationStatus
            guard status.isSuccess else {
                throw BuildError(description: "the configuration does not build; see above. No machine was touched.")
            }
            // A build tool does not wait for the disk, and what is remembered as built is not built again.
            for built in [program, enforcerFile] { try FilePath(built.path).sync() }
            try freshness.remember(sources)
        }
        let arguments = [program.path] + CommandLine.arguments.dropFirst()
        let pointers: [UnsafeMutablePointer<CChar>?] = arguments.map { argument in strdup(argument) } + [nil]
        execv(program.path, pointers)
        throw BuildError(description: "cannot start \(program.path): \(String(cString: strerror(errno)))")
    }

    private var ownExecutable: String {
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    }

    private var enforcerFile: URL { binaries.appending(path: "propel-enforce") }

    /// The program for machines with this computer's processor, with its hash.
    func enforcer() async throws -> Enforcer {
        try await EnforcerFile(path: enforcerFile.resolvingSymlinksInPath().path).enforcer()
    }
}
