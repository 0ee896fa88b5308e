import ArgumentParser
import Propel
import Vocabulary

struct EnforcerBuild: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "build",
        abstract: "Build propel-enforce for an architecture, and print the command that imports it elsewhere.",
        discussion: """
            Example:
              propel enforcer build --architecture aarch64
            """)

    @Option(help: "The architecture, as `uname -m` prints it: x86_64 or aarch64.")
    var architecture: Architecture
    @Flag(help: "Build again even if there is a build of these sources, as after an update of the compiler.")
    var force = false
    @OptionGroup var format: FormatOptions

    func run() async throws {
        try await reportingProblems {
            let session = try await Session.open(), checkout = session.checkout
            let enforcers = Enforcers(checkout: checkout, conf: try checkout.hostsConf, prompter: session.prompter)
            let enforcer = try await enforcers.build(architecture, rebuilding: force) {
                Terminal.error.print($0.printable)
            }
            let sources = try EnforcerCache(root: checkout.root).fingerprint(of: checkout.root)
            format.format.print(
                EnforcerReport(
                    file: enforcer.file, architecture: architecture.rawValue, sha256: enforcer.sha256, sources: sources,
                    isBuilt: true))
        }
    }
}
