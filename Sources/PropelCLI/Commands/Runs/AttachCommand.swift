import ArgumentParser

struct AttachCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "attach", abstract: "Join the run that is going on on a host, from its beginning to its end.",
        discussion: """
            A secret or a file that the run is waiting for is sent from here, if this repository has the same one. The \
            exit status is that of the run; 64 if none is going on. Ctrl-C asks whether to \
            stop the run or to leave it going; without a terminal it leaves it going.

            Examples:
              propel attach web1.example.com
            """)

    @Argument(help: "The host, by its name in hosts.conf.")
    var host: String
    @OptionGroup var output: OutputOptions
    @OptionGroup var passphrase: PassphraseOptions
    @OptionGroup var link: WaitOptions

    func run() async throws {
        try await reportingProblems {
            throw try await HostRuns(of: host, Session.open(output: output, passphrase: passphrase, link: link))
                .attach()
        }
    }
}
