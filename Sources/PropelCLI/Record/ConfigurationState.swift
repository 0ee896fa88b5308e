import Foundation

/// The configuration as a deployment read it: the sources that the programs were built from, hosts.conf, the secrets,
/// and the files of the repository that the hosts use.
///
/// A question, a hook or a push may take minutes. The deployment uses the state from before, so git must have the same.
struct ConfigurationState {
    private let freshness: Freshness
    private let hostsFile: URL
    private let sources: String
    private let secrets: String
    private let hosts: Data?
    private let readAt = ContinuousClock.now
    /// The time within which an edit is in no commit, which looks again before and after it.
    private static let moment = Duration.milliseconds(500)
    /// Known once the roles are evaluated.
    var files: [HostFiles] = []

    /// Records the present state. Of the sources it is the one that this program was built from, so that they are not
    /// compared twice. Call it before hosts.conf is read.
    init(of checkout: Checkout) {
        freshness = Freshness(root: checkout.root)
        hostsFile = checkout.hostsFile
        sources = checkout.sources
        secrets = freshness.secrets()
        // If it cannot be read, parsing reports why.
        hosts = try? Data(contentsOf: hostsFile)
    }

    /// Checks that nothing was edited since, if there was time for that: a question, a hook, a push.
    /// - Throws: as ``refuseIfChanged()``.
    func refuseIfChangedMeanwhile(now: ContinuousClock.Instant = .now) throws {
        if now - readAt > Self.moment { try refuseIfChanged() }
    }

    /// Checks that nothing was edited since.
    /// - Throws: ``UsageError`` if a source, a file, a secret or hosts.conf was changed, or the programs are from
    ///   other sources.
    func refuseIfChanged() throws {
        let now = freshness.sources()
        guard now == sources, freshness.isFresh(now), freshness.secrets() == secrets,
            try Data(contentsOf: hostsFile) == hosts, !files.contains(where: \.hasChanged)
        else {
            throw UsageError(
                description:
                    "the configuration changed while propel was running: nothing was deployed\nRun again to deploy "
                    + "it as it is now."
            )
        }
    }
}
