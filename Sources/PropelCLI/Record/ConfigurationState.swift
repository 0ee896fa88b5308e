import Foundation

/// The configuration as a deployment has read it: the sources that the programs were built from, hosts.conf, and the secrets.
///
/// A question, a hook or a push may take minutes. What is deployed then is what was read before, so git must have the same.
struct ConfigurationState {
    private let freshness: Freshness
    private let hostsFile: URL
    private let sources: String
    private let secrets: String
    private let hosts: Data?

    /// To be taken before hosts.conf is read.
    init(of checkout: Checkout) {
        freshness = Freshness(root: checkout.root)
        hostsFile = checkout.root.appending(path: "hosts.conf")
        sources = freshness.sources()
        secrets = freshness.secrets()
        // Where it cannot be read, whoever parses it says why.
        hosts = try? Data(contentsOf: hostsFile)
    }

    /// - Throws: ``UsageError`` where a source, a secret or hosts.conf is not what it was, or the programs are of other sources.
    func refuseIfChanged() throws {
        let now = freshness.sources()
        guard now == sources, freshness.isFresh(now), freshness.secrets() == secrets,
            try Data(contentsOf: hostsFile) == hosts
        else {
            throw UsageError(
                description:
                    "the configuration changed while propel was at work, and nothing was deployed\nRun again to deploy it as it is now."
            )
        }
    }
}
