import Foundation
import Git
import HostsConf

/// What git keeps of a deployment: the configuration that was deployed, as a commit, and how that went, as a note on it.
struct DeploymentRecord {
    private let repository: Repository
    private let commit: Commit
    private let hosts: Set<String>

    /// What belongs to the configuration: all that the two programs are made of, so that git knows what ran.
    private static let paths = ["hosts.conf", "secrets", "Sources", "Package.swift"]

    /// Commits the configuration where it has changed, and pushes what the remote lacks.
    ///
    /// - Parameter configuration: What is going to be deployed.
    /// - Returns: nil where there is nothing to record: sandboxes come and go, and leave no trace in git.
    static func begin(
        in checkout: Checkout, configuration: ConfigurationState, for targets: [Target], isAssured: Bool,
        prompter: TerminalPrompter
    ) async throws -> DeploymentRecord? {
        let recorded = targets.filter(\.isRecorded)
        guard !recorded.isEmpty else { return nil }
        let repository = try await Repository(containing: checkout.root.path)
        try await refuseWhatPolicyRequires(of: checkout, for: recorded, prompter: prompter)
        let paths = paths(of: checkout, in: repository, paths)
        var status = try await repository.status(of: paths)
        var commit: Commit?
        if !status.changes.isEmpty {
            try await agree(to: status.changes, isAssured: isAssured, prompter: prompter)
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
            let push = try await repository.push()
            if commit != nil || push.isNews { Terminal.error.print("\(push)".printable) }
        }
        return DeploymentRecord(repository: repository, commit: head, hosts: Set(recorded.map(\.name)))
    }

    /// The configuration may be in a folder of its repository.
    private static func paths(of checkout: Checkout, in repository: Repository, _ paths: [String]) -> [String] {
        let folder = checkout.root.resolvingSymlinksInPath().path
        guard folder.hasPrefix(repository.root + "/") else { return paths }
        let prefix = folder.dropFirst(repository.root.count + 1)
        return paths.map { "\(prefix)/\($0)" }
    }

    private static func agree(to changes: [Change], isAssured: Bool, prompter: TerminalPrompter) async throws {
        Terminal.error.print("The configuration has changed since the last commit:")
        for change in changes { Terminal.error.print("  \("\(change)".printable)") }
        guard !isAssured else { return }
        guard prompter.isInteractive else {
            throw UsageError(description: "nobody is there to say whether to commit it\nUse --yes to commit it, or --no-commit to leave git alone.")
        }
        guard try await prompter.confirm("Commit it and deploy?") else {
            throw UsageError(description: "not committed, and nothing deployed; --no-commit deploys without a commit")
        }
    }

    /// Refuses to deploy to hosts that the fleet's policy protects from what is not committed, or not signed. Sandboxes are
    /// none of them, whatever it says.
    static func refuseWhatPolicyRequires(of checkout: Checkout, for targets: [Target], prompter: TerminalPrompter) async throws {
        let policy = try checkout.hostsConf.policy
        let names = targets.filter(\.isRecorded).map(\.name)
        let clean = names.filter(policy.requiresClean), signed = names.filter(policy.requiresSigned)
        try await refuseUnsigned(in: checkout, for: targets, prompter: prompter)
        guard !clean.isEmpty || !signed.isEmpty else { return }
        let repository = try await Repository(containing: checkout.root.path)
        let isClean = try await repository.isClean()
        if let host = (clean + signed).first, !isClean {
            throw UsageError(description: "\(host) is only deployed from a clean work tree (hosts.conf, [fleet])\nCommit or stash what `git status` shows.")
        }
    }

    /// Refuses what is not signed where that is required: by hosts.conf, or since this clone has accepted a keyring. From then on
    /// hosts.conf has no say in it, since whoever could push could take the rule away.
    static func refuseUnsigned(in checkout: Checkout, for targets: [Target], prompter: TerminalPrompter) async throws {
        let policy = try checkout.hostsConf.policy
        let names = targets.filter(\.isRecorded).map(\.name)
        guard !names.isEmpty, let repository = try? await Repository(containing: checkout.root.path) else {
            guard let host = names.first(where: policy.requiresSigned) else { return }
            throw UsageError(description: "\(host) is only deployed from a signed commit (hosts.conf, [fleet]), and this is no git repository")
        }
        let isKeyringKnown = try await repository.commit(at: TrustedKeyring.accepted) != nil
        guard let host = isKeyringKnown ? names.first : names.first(where: policy.requiresSigned) else { return }
        guard let head = try await repository.head() else { throw UsageError(description: "there is no commit to deploy \(host) from") }
        let secrets = paths(of: checkout, in: repository, ["secrets"])[0]
        let hasKeyring = try await repository.object(at: "\(secrets)/keyring", of: head) != nil
        if isKeyringKnown || hasKeyring {
            return try await TrustedKeyring(repository: repository, secrets: secrets).verify(head, for: host, prompter: prompter)
        }
        // Without a keyring it is for git to say whose signatures count.
        let signature = try await repository.verify(head)
        guard signature.isGood else {
            throw UsageError(description: "\(host) is only deployed from a signed commit (hosts.conf, [fleet]), and \(head) is not one: \(signature)\nSign it (`git commit --amend -S`), then run again.")
        }
    }

    /// Those of its hosts that were never deployed before, as far as git knows.
    func newHosts() async throws -> Set<String> {
        var new: Set<String> = []
        for host in hosts where try await !repository.hasNote(of: host) { new.insert(host) }
        return new
    }

    /// Notes on the commit how it went.
    /// - Parameter enforcer: the hash of the program for this computer's processor, which stands for the one of a machine that none
    ///   was started on.
    func finish(_ outcomes: [Outcome], enforcer: String) async {
        do {
            for outcome in outcomes where hosts.contains(outcome.host) {
                let note = DeploymentNote(
                    time: outcome.ended, host: outcome.host, result: outcome.result.rawValue, enforcer: outcome.enforcer ?? enforcer)
                try await repository.addNote(note, on: commit)
            }
            if case .failed(let remote, let words) = try await repository.pushNotes() {
                Terminal.error.print("warning: the notes are not at \(remote) yet, and go with the next deployment: \(words)".printable)
            }
        } catch {
            Terminal.error.print("warning: the deployment is not noted in git: \(error)".printable)
        }
    }
}

extension Target {
    /// Whether git is to know of its deployments.
    fileprivate var isRecorded: Bool { machine.sandbox == nil }
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
