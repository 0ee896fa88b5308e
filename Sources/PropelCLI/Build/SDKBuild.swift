import Vocabulary
import SSHTransport
import Foundation
import Subprocess
import SystemPackage

/// A build with a Swift SDK, here, for another processor.
struct SDKBuild {
    let root: URL
    let architecture: Architecture
    /// The id or the triple that `swift build --swift-sdk` takes.
    let sdk: String

    /// The static Linux SDK of swift.org is one for all processors, so that it is chosen by its triple.
    static func defaultSDK(for architecture: Architecture) -> String { "\(architecture.rawValue)-swift-linux-musl" }

    /// Builds, which takes a minute or two the first time.
    ///
    /// In a folder of its own, since one build would throw the other's results out.
    /// - Returns: the path of the program.
    /// - Throws: ``BuildError`` where something is missing, with the command that installs it; or with the last lines of the build.
    func run() async throws -> String {
        try await requireSDK()
        try await requireLinker()
        // The compiler's caches hold paths, and do not stand being reached by another one.
        let scratch = root.appending(path: ".build").resolvingSymlinksInPath().appending(path: "sdk-\(sdk)").path
        let result = try await Subprocess.run(
            .name("swift"),
            arguments: [
                "build", "--configuration", "release", "--package-path", root.path, "--scratch-path", scratch,
                "--swift-sdk", sdk,
                "--product", "propel-enforce",
            ], output: .string(limit: 16 << 20), error: .string(limit: 16 << 20))
        guard result.terminationStatus.isSuccess else {
            let said = (result.standardOutput + result.standardError).split(whereSeparator: \.isNewline).suffix(30)
                .joined(separator: "\n")
            throw BuildError(
                description:
                    "propel-enforce does not build for \(architecture.rawValue) with the Swift SDK \(sdk):\n\(said)\nNo machine was changed."
            )
        }
        return scratch + "/release/propel-enforce"
    }

    private func requireSDK() async throws {
        let listed = try await Subprocess.run(
            .name("swift"), arguments: ["sdk", "list"], output: .string(limit: 1 << 20), error: .discarded
        ).standardOutput.split(separator: "\n").map(String.init)
        if listed.contains(sdk) { return }
        let isStaticLinux = sdk == Self.defaultSDK(for: architecture)
        if isStaticLinux, listed.contains(where: { $0.contains("_static-linux-") }) { return }
        let wanted = isStaticLinux ? "the static Linux SDK, for \(sdk)," : "the Swift SDK \(sdk)"
        let command =
            sdk.hasPrefix("debian12-")
            ? "`Scripts/pi/make-sdk` makes and installs it."
            : "`swift sdk install URL --checksum SUM` installs it, where https://www.swift.org/install/linux/ tells both for the version of `swift --version`."
        var text = "to build for \(architecture.rawValue), \(wanted) is missing\n\(command)"
        if isStaticLinux {
            text +=
                "\nOr `Scripts/pi/make-sdk` makes another from Debian's packages, to be named in hosts.conf: [fleet] sdks = { \(architecture.rawValue) = \"debian12-\(architecture.rawValue)\" }"
        }
        throw BuildError(
            description: text
                + "\nInstalled are: \(listed.isEmpty || listed[0].hasPrefix("No ") ? "none" : listed.joined(separator: ", "))"
        )
    }

    /// swiftc looks for it beside itself, then in PATH.
    private func requireLinker() async throws {
        let found = try await Subprocess.run(
            .name("sh"),
            arguments: [
                "-c", #"[ -x "$(dirname "$(readlink -f "$(command -v swift)")")/ld.lld" ] || command -v ld.lld"#,
            ],
            output: .discarded, error: .discarded)
        guard found.terminationStatus.isSuccess else {
            throw BuildError(
                description:
                    "to build for \(architecture.rawValue), the linker lld is missing\n`apt-get install lld` installs it."
            )
        }
    }
}
