import Foundation
import Git
import HostsConf

/// What git keeps of a deployment: the configuration that was deployed, as a commit, and how that went, as a note on
/// it.
struct DeploymentRecord {
    private let repository: Repository
    private let commit: Commit
    private let hosts: Set<String>

    /// Commits the configuration where it has changed, and pushes what the remote lacks.
    ///
    /// - Parameter configuration: What is going to be deployed.
    /// - Returns: nil where there is nothing to record: sandboxes come and go, and leave no trace in git.
    static func begin(
        in checkout: Checkout, configuration: ConfigurationState, for targets: [Target], isConfirmed: Bool,
        prompter: TerminalPrompter
    ) async throws -> DeploymentRecord? {
        let recorded = targets.filter(\.isRecorded)
        guard !recorded.isEmpty else { return nil }
        let repository = try await Repository(containing: checkout.root.path)
        try await DeploymentPolicy(of: checkout, for: targets, in: repository).require(prompter: prompter)
        let paths = PackageLayout.recordedPaths.map { checkout.path(of: $0, in: repository) }
        var status = try await repository.status(of: paths)
        var commit: Commit?
        if !status.changes.isEmpty {
            try await agree(to: status.changes, isConfirmed: isConfirmed, prompter: prompter)
            try configuration.refuseIfChanged()
            let names = recorded.map(\.name).joined(separator: ", ")
            let key = try checkout.secretStore.keyring.signingKey()?.fingerprint
            commit = try await repository.commit(paths: paths, message: "Deploy \(names)", signedWith: key)
            if let commit { Terminal.error.print("Committed as \(commit).") }
            try configuration.refuseIfChanged()
            status = try await repository.status(of: paths)
        }
        guard let head = status.head else { return nil }
        // Without a network where the upstream has it all; a branch without an upstream may have nobody to push to.
        if status.ahead > 0 || status.upstream == nil {
            let push = try await repository.push { Terminal.error.print($0.printable) }
            if commit != nil || push.isNews { Terminal.error.print("\(push)".printable) }
        }
        return DeploymentRecord(repository: repository, commit: head, hosts: Set(recorded.map(\.name)))
    }

    private static func agree(to changes: [Change], isConfirmed: Bool, prompter: TerminalPrompter) async throws {
        Terminal.error.print("The configuration has changed since the last commit:")
        for change in changes { Terminal.error.print("  \("\(change)".printable)") }
        guard !isConfirmed else { return }
        guard prompter.isInteractive else {
            throw UsageError(
                description:
                    "nobody is there to say whether to commit it\nUse --yes to commit it, or --no-commit to leave git alone."
            )
        }
        guard try await prompter.confirm("Commit it and deploy?") else {
            throw UsageError(description: "not committed, and nothing deployed; --no-commit deploys without a commit")
        }
    }

    /// Those of its hosts that were never deployed before, as far as git knows.
    func newHosts() async throws -> Set<String> {
        var new: Set<String> = []
        for host in hosts where try await !repository.hasNote(of: host) { new.insert(host) }
        return new
    }

    /// Notes on the commit how it went.
    /// - Parameters:
    ///   - only: what it was restricted to; all where empty.
    ///   - enforcer: the hash of the program for this computer's processor, which stands for the one of a machine that
    ///     none was started on.
    func finish(_ outcomes: [Outcome], only: [String], enforcer: String) async {
        do {
            for outcome in outcomes where hosts.contains(outcome.host) {
                let note = DeploymentNote(
                    time: outcome.ended, host: outcome.host, result: outcome.result.rawValue, only: only,
                    enforcer: outcome.enforcer ?? enforcer)
                try await repository.addNote(note, on: commit)
            }
            if case .failed(let remote, let words) = try await repository.pushNotes(progress: {
                Terminal.error.print($0.printable)
            }) {
                Terminal.error.print(
                    "warning: the notes are not at \(remote) yet, and go with the next deployment: \(words)".printable)
            }
        } catch {
            Terminal.error.print("warning: the deployment is not noted in git: \(error)".printable)
        }
    }
}

extension Checkout {
    /// Where something of the configuration is in its repository: it may be in a folder of that.
    func path(of name: String, in repository: Repository) -> String {
        let folder = root.resolvingSymlinksInPath().path
        guard folder.hasPrefix(repository.root + "/") else { return name }
        return "\(folder.dropFirst(repository.root.count + 1))/\(name)"
    }
}

extension Target {
    /// Whether git is to know of its deployments. Sandboxes are no machines that anybody lives from.
    var isRecorded: Bool { machine.sandbox == nil }
}

extension PushResult {
    /// Worth telling where propel itself made no commit.
    fileprivate var isNews: Bool {
        switch self {
        case .pushed, .skipped(.ambiguousRemote), .skipped(.differentName): true
        case .upToDate, .skipped(.noRemote), .skipped(.detachedHead), .skipped(.noCommit): false
        }
    }
}
