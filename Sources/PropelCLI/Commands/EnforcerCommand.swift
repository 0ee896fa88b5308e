import Vocabulary
import ArgumentParser
import SSHTransport
import Foundation
import HostsConf

struct EnforcerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enforcer",
        abstract: "The programs for machines with another processor: build them ahead, or bring them.",
        discussion: "A run builds what it needs by itself. `build` and `import` are for where that cannot be.",
        subcommands: [Build.self, Import.self])

    struct Build: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Build propel-enforce for a processor, and tell how to import it elsewhere.")

        @Option(help: "The processor, as `uname -m` calls it: x86_64 or aarch64.")
        var architecture: Architecture
        @Flag(help: "Also where it was built from these sources already, as after a change of the compiler.")
        var anew = false

        func run() async throws {
            try await reportingProblems {
                let checkout = try await Checkout.open()
                let enforcers = Enforcers(
                    checkout: checkout, conf: try checkout.hostsConf, prompter: TerminalPrompter())
                let enforcer = try await enforcers.build(architecture, anew: anew) {
                    Terminal.error.print($0.printable)
                }
                let sources = try await EnforcerCache(root: checkout.root).fingerprint(of: checkout.root)
                Terminal.output.print(enforcer.file)
                Terminal.error.print(
                    "Where it cannot be built, with a copy of this file:\n"
                        + "propel enforcer import FILE --architecture \(architecture.rawValue) --sha256 \(enforcer.sha256) --sources \(sources)"
                )
            }
        }
    }

    struct Import: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take a propel-enforce that was built elsewhere from these very sources.",
            discussion:
                "`propel enforcer build` prints the command where it was built. With any change of the sources the imported file is out of use."
        )

        @Argument var file: String
        @Option(help: "The processor that it is for: x86_64 or aarch64.")
        var architecture: Architecture
        @Option(help: "Its SHA-256.")
        var sha256: String
        @Option(help: "The fingerprint of the sources that it was built from.")
        var sources: String

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
                let kept = try await cache.importing(
                    file, for: architecture, sha256: sha256.lowercased(), sources: sources.lowercased(), into: checkout)
                Terminal.output.print(kept.file)
            }
        }
    }
}

extension EnforcerCache {
    /// Keeps a program that was built elsewhere, for as long as the sources are those that it was built from.
    ///
    /// A program has the roles compiled into it: one of other sources would enforce another configuration without a word.
    /// - Throws: `UsageError` where the file or the sources are others than was said, ``BuildError`` where it is no program for there.
    func importing(
        _ file: String, for architecture: Architecture, sha256: String, sources: String, into checkout: Checkout
    ) async throws -> Enforcer {
        guard architecture != .native else {
            throw UsageError(
                description:
                    "\(architecture.rawValue) is this computer's own processor, which propel builds for with itself")
        }
        let present = try await fingerprint(of: checkout.root)
        guard sources == present else {
            throw UsageError(
                description:
                    "that file was built from other sources\n  it:   \(sources)\n  here: \(present)\nBuild it from the sources that are here. Package.swift, Package.resolved and all under Sources count."
            )
        }
        let hash = try await EnforcerFile(path: file).sha256()
        guard hash == sha256 else {
            throw UsageError(
                description:
                    "\(file) is not the file that was meant\n  --sha256: \(sha256)\n  it is:    \(hash)\nCopy it again."
            )
        }
        let kept = try await keep(file, for: architecture, sources: present, builder: "import")
        guard kept.sha256 == hash else {
            throw UsageError(description: "\(file) changed while it was imported\nRun again.")
        }
        return kept
    }
}

extension Architecture: ExpressibleByArgument {}
