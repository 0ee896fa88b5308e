import PlainText
import Foundation
import SSHTransport
import Subprocess
import SystemPackage
import Vocabulary

/// A build for another architecture on this computer, with a Swift SDK.
struct SDKBuild {
    let root: URL
    let architecture: Architecture
    /// The ID or the triple that `swift build --swift-sdk` takes.
    let sdk: String

    /// The static Linux SDK of swift.org. It is one SDK for all architectures, so the triple selects.
    static func defaultSDK(for architecture: Architecture) -> String { "\(architecture.rawValue)-swift-linux-musl" }

    /// Builds, which takes a minute or two the first time.
    ///
    /// The scratch folder is not that of the native build: each would discard the results of the other.
    /// - Returns: The path of the program.
    /// - Throws: ``BuildError`` with the command that installs what is missing, or with the last lines of the build.
    func run() async throws -> String {
        try await requireSDK()
        try await requireLinker()
        let product = PackageLayout(root: root).enforcerName
        // The compiler's caches contain paths, and break when they are reached by another path.
        let scratch = root.appending(path: ".build").resolvingSymlinksInPath().appending(path: "sdk-\(sdk)").path
        let result = try await Subprocess.run(
            .name("swift"),
            arguments: Arguments(
                SwiftBuild.arguments + [
                    "--package-path", root.path, "--scratch-path", scratch, "--swift-sdk", sdk, "--product", product,
                ]), output: .string(limit: 16 << 20), error: .string(limit: 16 << 20))
        guard result.terminationStatus.isSuccess else {
            let output = (result.standardOutput + result.standardError).nonEmptyLines.suffix(30)
                .joined(separator: "\n")
            throw BuildError(
                description: """
                    propel-enforce does not build for \(architecture.rawValue) with the Swift SDK \(sdk):
                    \(output)
                    No machine was changed.
                    """
            )
        }
        return scratch + "/release/\(product)"
    }

    private func requireSDK() async throws {
        let listed = try await Subprocess.run(
            .name("swift"), arguments: ["sdk", "list"], output: .string(limit: 1 << 20), error: .discarded
        ).standardOutput.nonEmptyLines.map(String.init)
        if listed.contains(sdk) { return }
        let isStaticLinux = sdk == Self.defaultSDK(for: architecture)
        if isStaticLinux, listed.contains(where: { $0.contains("_static-linux-") }) { return }
        let wanted = isStaticLinux ? "the static Linux SDK, for \(sdk)," : "the Swift SDK \(sdk)"
        let command =
            sdk.hasPrefix("debian12-")
            ? "`Scripts/pi/make-sdk` of Propel builds and installs it."
            : "`swift sdk install URL --checksum SUM` installs it; https://www.swift.org/install/linux/ lists both "
                + "for each version of Swift."
        var text = "cannot build for \(architecture.rawValue): \(wanted) is missing\n\(command)"
        if isStaticLinux {
            text +=
                "\nOr build one from Debian's packages with `Scripts/pi/make-sdk` of Propel, and name it in "
                + "hosts.conf: [fleet] sdks = { \(architecture.rawValue) = \"debian12-\(architecture.rawValue)\" }"
        }
        throw BuildError(
            description: text
                + "\nInstalled: "
                + "\(listed.isEmpty || listed[0].hasPrefix("No ") ? "none" : listed.joined(separator: ", "))"
        )
    }

    /// Looks where swiftc does: beside the compiler, then in PATH.
    private func requireLinker() async throws {
        let found = try await Subprocess.run(
            .name("sh"),
            arguments: [
                "-c", #"[ -x "$(dirname "$(readlink -f "$(command -v swift)")")/ld.lld" ] || command -v ld.lld"#,
            ],
            output: .discarded, error: .discarded)
        guard found.terminationStatus.isSuccess else {
            throw BuildError(
                description: """
                    cannot build for \(architecture.rawValue): the linker lld is missing
                    `apt-get install lld` installs it.
                    """
            )
        }
    }
}
