import Foundation
import Git
import HostsConf

/// The conditions on the git repository under which hosts may be deployed, as `[fleet]` of hosts.conf sets them.
/// Sandboxes are exempt.
struct DeploymentPolicy {
    private let checkout: Checkout
    private let policy: FleetPolicy
    private let hosts: [String]
    /// nil if the configuration is not in a repository.
    private let repository: Repository?

    init(of checkout: Checkout, for targets: [Target], in repository: Repository?) throws {
        self.checkout = checkout
        self.repository = repository
        policy = try checkout.hostsConf.policy
        hosts = targets.filter(\.isRecorded).map(\.name)
    }

    /// The policy for a configuration that may not be in a repository.
    init(of checkout: Checkout, for targets: [Target]) async throws {
        var repository: Repository?
        do {
            if targets.contains(where: \.isRecorded) {
                repository = try await Repository(containing: checkout.root.path)
            }
        } catch GitError.notARepository, GitError.noWorkTree, GitError.notInstalled {
            // Allowed unless hosts.conf demands more. Any other error must not count as this.
        }
        try self.init(of: checkout, for: targets, in: repository)
    }

    /// Checks both conditions.
    /// - Throws: ``UsageError`` if a host requires a signed commit or a clean work tree and there is none.
    func require(prompter: TerminalPrompter) async throws {
        try await requireSignature(prompter: prompter)
        guard let host = hosts.first(where: { policy.requiresClean($0) || policy.requiresSigned($0) }) else { return }
        guard try await repository(for: host, "a clean work tree").isClean() else {
            throw UsageError(
                description:
                    "\(host) is only deployed from a clean work tree (hosts.conf, [fleet])\nCommit or stash what "
                    + "`git status` shows."
            )
        }
    }

    /// Checks the signature of the commit if hosts.conf demands one, or once this clone has accepted a keyring. From
    /// then on hosts.conf is not asked, since anyone who can push could remove the rule.
    func requireSignature(prompter: TerminalPrompter) async throws {
        let isKeyringKnown = try await repository?.commit(at: TrustedKeyring.accepted) != nil
        guard let host = isKeyringKnown ? hosts.first : hosts.first(where: policy.requiresSigned) else { return }
        let repository = try repository(for: host, "a signed commit")
        guard let head = try await repository.head() else {
            throw UsageError(description: "there is no commit to deploy \(host) from")
        }
        let secrets = checkout.path(of: PackageLayout.secrets, in: repository)
        let hasKeyring = try await repository.object(at: "\(secrets)/keyring", of: head) != nil
        if isKeyringKnown || hasKeyring {
            return try await TrustedKeyring(repository: repository, secrets: secrets).verify(
                head, for: host, prompter: prompter)
        }
        // Without a keyring git decides whose signatures count.
        let signature = try await repository.verify(head)
        if !signature.isGood { throw UsageError(unsigned: head, for: host, "\(signature)") }
    }

    private func repository(for host: String, _ what: String) throws -> Repository {
        guard let repository else {
            throw UsageError(
                description:
                    "\(host) is only deployed from \(what) (hosts.conf, [fleet]), and this is not a git repository")
        }
        return repository
    }
}

extension UsageError {
    /// The refusal of a commit without a good signature.
    /// - Parameter why: what is wrong with the signature.
    init(unsigned commit: Commit, for host: String, _ why: String) {
        self.init(
            description:
                "\(host) is only deployed from a signed commit (hosts.conf, [fleet]), and \(commit) is not one: "
                + "\(why)\nSign it (`git commit --amend -S`), then run again."
        )
    }
}
