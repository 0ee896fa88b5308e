import Foundation
import Git
import HostsConf

/// What git has to say of the configuration before a host is touched, where `[fleet]` of hosts.conf asks for it. Sandboxes are none of
/// these hosts, whatever it says.
struct DeploymentPolicy {
    private let checkout: Checkout
    private let policy: FleetPolicy
    private let hosts: [String]
    /// nil where the configuration is in none.
    private let repository: Repository?

    init(of checkout: Checkout, for targets: [Target], in repository: Repository?) throws {
        self.checkout = checkout
        self.repository = repository
        policy = try checkout.hostsConf.policy
        hosts = targets.filter(\.isRecorded).map(\.name)
    }

    /// The same for a configuration that need not be in a repository.
    init(of checkout: Checkout, for targets: [Target]) async throws {
        var repository: Repository?
        do {
            if targets.contains(where: \.isRecorded) {
                repository = try await Repository(containing: checkout.root.path)
            }
        } catch GitError.notARepository, GitError.noWorkTree, GitError.notInstalled {
            // Nobody asks for more of those than hosts.conf does. Any other trouble must not pass for that.
        }
        try self.init(of: checkout, for: targets, in: repository)
    }

    /// - Throws: ``UsageError`` where a host asks for a signature or a clean work tree, and that is not given.
    func require(prompter: TerminalPrompter) async throws {
        try await requireSignature(prompter: prompter)
        guard let host = hosts.first(where: { policy.requiresClean($0) || policy.requiresSigned($0) }) else { return }
        guard try await repository(for: host, "a clean work tree").isClean() else {
            throw UsageError(
                description:
                    "\(host) is only deployed from a clean work tree (hosts.conf, [fleet])\nCommit or stash what `git status` shows."
            )
        }
    }

    /// Asks for a signature where hosts.conf does, and everywhere once this clone has accepted a keyring: from then on hosts.conf has no
    /// say in it, since whoever could push could take the rule away.
    func requireSignature(prompter: TerminalPrompter) async throws {
        let isKeyringKnown = try await repository?.commit(at: TrustedKeyring.accepted) != nil
        guard let host = isKeyringKnown ? hosts.first : hosts.first(where: policy.requiresSigned) else { return }
        let repository = try repository(for: host, "a signed commit")
        guard let head = try await repository.head() else {
            throw UsageError(description: "there is no commit to deploy \(host) from")
        }
        let secrets = checkout.path(of: "secrets", in: repository)
        let hasKeyring = try await repository.object(at: "\(secrets)/keyring", of: head) != nil
        if isKeyringKnown || hasKeyring {
            return try await TrustedKeyring(repository: repository, secrets: secrets).verify(
                head, for: host, prompter: prompter)
        }
        // Without a keyring it is for git to say whose signatures count.
        let signature = try await repository.verify(head)
        if !signature.isGood { throw UsageError(unsigned: head, for: host, "\(signature)") }
    }

    private func repository(for host: String, _ what: String) throws -> Repository {
        guard let repository else {
            throw UsageError(
                description:
                    "\(host) is only deployed from \(what) (hosts.conf, [fleet]), and this is no git repository")
        }
        return repository
    }
}

extension UsageError {
    /// - Parameter why: what is wrong with the signature.
    init(unsigned commit: Commit, for host: String, _ why: String) {
        self.init(
            description:
                "\(host) is only deployed from a signed commit (hosts.conf, [fleet]), and \(commit) is not one: \(why)\nSign it (`git commit --amend -S`), then run again."
        )
    }
}
