import Foundation
import Git
import HostsConf

/// The record of a deployment in git: the deployed configuration as a commit, and the results as notes on it.
struct DeploymentRecord {
    private let repository: Repository
    private let commit: Commit
    private let hosts: Set<String>

    /// Commits the configuration if it has changed, and pushes what the remote lacks.
    ///
    /// - Parameters:
    ///   - configuration: the state that is going to be deployed.
    ///   - isConfirmed: whether to commit without a question.
    /// - Returns: nil if there is nothing to record, since all targets are sandboxes.
    static func begin(
        in checkout: Checkout, configuration: ConfigurationState, for targets: [Target], isConfirmed: Bool,
        prompter: TerminalPrompter
    ) async throws -> DeploymentRecord? {
        let recorded = targets.filter(\.isRecorded)
        guard !recorded.isEmpty else { return nil }
        let repository = try await Repository(containing: checkout.root.path)
        try await DeploymentPolicy(of: checkout, for: targets, in: repository).require(prompter: prompter)
        let files = Set(recorded.flatMap(\.files.paths)).sorted()
        let paths = (PackageLayout.recordedPaths + files).map { checkout.path(of: $0, in: repository) }
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
        // If the upstream has everything, no network is needed.
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
        try await prompter.requireYes(
            to: "Commit it and deploy?",
            unasked: "no terminal to ask at whether to commit it\nUse --yes to commit it, or --no-commit to leave "
                + "git alone.",
            refused: "not committed, so nothing was deployed\nUse --no-commit to deploy without a commit.")
    }

    /// The hosts that have no note in git: they were never deployed before.
    func newHosts() async throws -> Set<String> {
        var new: Set<String> = []
        for host in hosts where try await !repository.hasNote(of: host) { new.insert(host) }
        return new
    }

    /// Notes the results on the commit, and pushes the notes.
    /// - Parameters:
    ///   - only: the properties or groups to which the run was restricted; all if empty.
    ///   - enforcer: the hash of the enforcer for this computer's architecture, for hosts on which none was started.
    func finish(_ outcomes: [Outcome], only: [String], enforcer: String) async {
        do {
            for outcome in outcomes where hosts.contains(outcome.host) && outcome.result != .notTried {
                let note = DeploymentNote(
                    time: outcome.ended, host: outcome.host, result: outcome.result.rawValue, only: only,
                    enforcer: outcome.enforcer ?? enforcer)
                try await repository.addNote(note, on: commit)
            }
            if case .failed(let remote, let words) = try await repository.pushNotes(progress: {
                Terminal.error.print($0.printable)
            }) {
                Terminal.error.warn(
                    "the notes were not pushed to \(remote); the next deployment pushes them: \(words)")
            }
        } catch {
            Terminal.error.warn("the deployment was not noted in git: \(error)")
        }
    }
}

extension Checkout {
    /// The path of a file of the configuration within its repository, of which the configuration may be a subfolder.
    func path(of name: String, in repository: Repository) -> String {
        let folder = root.resolvingSymlinksInPath().path
        guard folder.hasPrefix(repository.root + "/") else { return name }
        return "\(folder.dropFirst(repository.root.count + 1))/\(name)"
    }
}

extension Target {
    /// Whether its deployments are recorded in git. Those of sandboxes are not.
    var isRecorded: Bool { machine.sandbox == nil }
}

extension PushResult {
    /// Whether to report it even if propel made no commit.
    fileprivate var isNews: Bool {
        switch self {
        case .pushed, .skipped(.ambiguousRemote), .skipped(.differentName): true
        case .upToDate, .skipped(.noRemote), .skipped(.detachedHead), .skipped(.noCommit): false
        }
    }
}
