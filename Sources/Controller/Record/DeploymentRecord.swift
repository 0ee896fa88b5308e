import Foundation
import Git
import HostsConf

/// What git keeps of a deployment: the configuration that was deployed, as a commit, and how that went, as a note on it.
struct DeploymentRecord {
    private let repository: Repository
    private let commit: Commit
    private let hosts: Set<String>

    /// What belongs to the configuration.
    private static let paths = ["hosts.conf", "secrets", "Sources", "Package.swift"]

    /// Commits the configuration where it has changed, and pushes it where there is a remote.
    ///
    /// - Returns: nil where there is nothing to record: sandboxes come and go, and leave no trace in git.
    static func begin(
        in checkout: Checkout, for targets: [Target], isAssured: Bool, prompter: TerminalPrompter
    ) async throws -> DeploymentRecord? {
        let recorded = targets.filter { $0.machine.sandbox == nil }
        guard !recorded.isEmpty else { return nil }
        let repository = try await Repository(containing: checkout.root.path)
        try await refuseWhatPolicyRequires(of: checkout, for: recorded)
        let changes = try await repository.changedConfiguration(paths: paths)
        if !changes.isEmpty {
            Terminal.error.print("The configuration has changed since the last commit:")
            for change in changes { Terminal.error.print("  \("\(change)".printable)") }
            if !isAssured {
                guard prompter.isInteractive else {
                    throw UsageError(description: "nobody is there to say whether to commit it\nUse --yes to commit it, or --no-commit to leave git alone.")
                }
                guard try await prompter.confirm("Commit it and deploy?") else {
                    throw UsageError(description: "not committed, and nothing deployed; --no-commit deploys without a commit")
                }
            }
            let names = recorded.map(\.name).joined(separator: ", ")
            if let commit = try await repository.commit(paths: paths, message: "Deploy \(names)") {
                Terminal.error.print("Committed as \(commit).")
            }
        }
        guard let head = try await repository.head() else { return nil }
        if !changes.isEmpty { Terminal.error.print("\(try await repository.push())".printable) }
        return DeploymentRecord(repository: repository, commit: head, hosts: Set(recorded.map(\.name)))
    }

    /// Refuses to deploy to hosts that the fleet's policy protects from what is not committed, or not signed.
    static func refuseWhatPolicyRequires(of checkout: Checkout, for targets: [Target]) async throws {
        let policy = try checkout.hostsConf.policy
        let clean = targets.map(\.name).filter(policy.requiresClean), signed = targets.map(\.name).filter(policy.requiresSigned)
        guard !clean.isEmpty || !signed.isEmpty else { return }
        let repository = try await Repository(containing: checkout.root.path)
        let isClean = try await repository.isClean()
        if let host = (clean + signed).first, !isClean {
            throw UsageError(description: "\(host) is only deployed from a clean work tree (hosts.conf, [fleet])\nCommit or stash what `git status` shows.")
        }
        if let host = signed.first {
            guard let head = try await repository.head() else { throw UsageError(description: "there is no commit to deploy \(host) from") }
            let signature = try await repository.verify(head)
            guard signature.isGood else {
                throw UsageError(description: "\(host) is only deployed from a signed commit (hosts.conf, [fleet]), and \(head) is not one: \(signature)\nSign it (`git commit --amend -S`), then run again.")
            }
        }
    }

    /// Notes on the commit how it went.
    func finish(_ outcomes: [Outcome], enforcer: String) async {
        do {
            for outcome in outcomes where hosts.contains(outcome.host) {
                let note = DeploymentNote(time: Date(), host: outcome.host, result: outcome.result.rawValue, enforcer: enforcer)
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
