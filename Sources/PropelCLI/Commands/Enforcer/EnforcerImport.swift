import ArgumentParser
import Foundation
import HostsConf
import SSHTransport
import Vocabulary

struct EnforcerImport: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Import a propel-enforce that was built elsewhere from the same sources.",
        discussion: """
            `propel enforcer build` prints this command with its options, where it has built. After any change of \
            the sources \
            the imported file is no longer used.
            """)

    @Argument(help: "The file that was built elsewhere.")
    var file: String
    @Option(help: "Its architecture: x86_64 or aarch64.")
    var architecture: Architecture
    @Option(help: "Its SHA-256.")
    var sha256: String
    @Option(help: "The fingerprint of the sources that it was built from.")
    var sources: String
    @OptionGroup var format: FormatOptions

    func validate() throws {
        for (name, hash) in [("sha256", sha256), ("sources", sources)]
        where hash.count != 64 || !hash.allSatisfy(\.isHexDigit) {
            throw ValidationError("--\(name) takes 64 hexadecimal digits")
        }
    }

    func run() async throws {
        try await reportingProblems {
            let checkout = try await Checkout.open()
            let cache = EnforcerCache(root: checkout.root)
            let kept = try cache.importing(
                file, for: architecture, sha256: sha256.lowercased(), sources: sources.lowercased(), into: checkout)
            format.format.print(
                EnforcerReport(
                    file: kept.file, architecture: architecture.rawValue, sha256: kept.sha256,
                    sources: sources.lowercased(), isBuilt: false))
        }
    }
}

extension EnforcerCache {
    /// Keeps a program that was built elsewhere, as long as the sources are those that it was built from.
    ///
    /// The roles are compiled into the program: one from other sources would silently enforce another configuration.
    /// - Throws: `UsageError` if the hash of the file or of the sources differs, ``BuildError`` if it is no program
    ///   for the architecture.
    func importing(
        _ file: String, for architecture: Architecture, sha256: String, sources: String, into checkout: Checkout
    ) throws -> Enforcer {
        guard architecture != .native else {
            throw UsageError(
                description: """
                    \(architecture.rawValue) is the architecture of this computer: its propel-enforce is built \
                    together with \
                    propel
                    """)
        }
        let present = try fingerprint(of: checkout.root)
        guard sources == present else {
            throw UsageError(
                description: """
                    \(file) was built from other sources
                      --sources: \(sources)
                      here:      \(present)
                    Build it from the sources that are here: Package.swift, Package.resolved and everything under \
                    Sources.
                    """)
        }
        let hash = try EnforcerFile(path: file).sha256()
        guard hash == sha256 else {
            throw UsageError(
                description: """
                    \(file) has another SHA-256
                      --sha256: \(sha256)
                      the file: \(hash)
                    Copy it again.
                    """)
        }
        let kept = try keep(file, for: architecture, sources: present, builder: "import")
        guard kept.sha256 == hash else {
            throw UsageError(description: "\(file) changed during the import\nRun again.")
        }
        return kept
    }
}
