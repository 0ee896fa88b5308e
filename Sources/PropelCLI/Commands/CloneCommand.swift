import ArgumentParser

struct CloneCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "clone", abstract: "Replace the data of a host's stacks by a fresh copy of another host's.",
        discussion: """
            `from` in hosts.conf names the other host. Data are made anonymous before they leave it, and nothing is \
            kept on \
            the way. The present data are backed up before they are replaced. A deployment copies the first data by \
            itself.

            Examples:
              propel clone staging.example.com
              propel clone staging.example.com --stack shop --yes
            """)

    @OptionGroup var chosen: StackOptions
    @Flag(name: .shortAndLong, help: "Do not ask.")
    var yes = false
    @OptionGroup var output: OutputOptions
    @OptionGroup var passphrase: PassphraseOptions
    @OptionGroup var link: WaitOptions

    func run() async throws {
        try await reportingProblems {
            let clone = HostClone(
                run: try await chosen.run(Session.open(output: output, passphrase: passphrase, link: link)))
            try await clone.replaceData(ofStack: chosen.stack, isConfirmed: yes)
        }
    }
}
