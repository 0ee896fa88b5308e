import Propel
import Properties
import SecretStore

/// The deployment of hosts with all that belongs to it: what builds the enforcers, git, secrets, and a tag where one is given.
struct Rollout {
    let checkout: Checkout
    let hosts: HostOptions
    let output: OutputOptions
    let passphrase: PassphraseSource
    let git: GitOptions

    /// - Parameters:
    ///   - tag: what the host has in hosts.conf from now on; nil leaves that as it is.
    ///   - restorations: what gives data back that fit that tag, once nothing can be refused any more. Where one was done the tag stays,
    ///     whatever comes later: no other version may get to see these data.
    func perform(tag: String? = nil, restoring restorations: [() async throws -> Void] = []) async throws -> ExitStatus
    {
        guard let tag else { return ExitStatus.summing(try await deploy()) }
        guard hosts.hosts.count == 1, let host = hosts.hosts.first else {
            throw UsageError(description: "--tag is for one host at a time")
        }
        guard hosts.only.isEmpty else { throw UsageError(description: "--tag is for the whole host, not for --only") }
        // Before there is a commit of this program's own, which would be a signed one on top of whatever is there.
        try await DeploymentPolicy(of: checkout, for: try checkout.targets(hosts.hosts)).require(
            prompter: TerminalPrompter())
        var change = try await TagChange(tag, of: host, in: checkout, isForGit: !git.noCommit)
        let outcomes: [Outcome]
        var isRestored = false
        do {
            outcomes = try await deploy {
                try await change.commit()
            } restoring: {
                for restore in restorations {
                    try await restore()
                    isRestored = true
                }
            }
        } catch {
            if !isRestored { try await change.takeBack(since: "was not deployed") }
            throw error
        }
        if isRestored {
            return ExitStatus.summing(outcomes)
        } else if outcomes.contains(where: \.isRolledBack) {
            try await change.takeBack(since: "did not do its work there")
        } else if !outcomes.contains(where: \.hasBegun) {
            // What hosts.conf says runs there.
            try await change.takeBack(since: "did not get there")
        }
        return ExitStatus.summing(outcomes)
    }

    /// - Parameters:
    ///   - commit: what is to be in git before the deployment; done when nothing stands in its way any more.
    ///   - restore: what is done on the host before it, once that is in git.
    private func deploy(
        committing commit: () async throws -> Void = {}, restoring restore: () async throws -> Void = {}
    ) async throws -> [Outcome] {
        let configuration = ConfigurationState(of: checkout)
        let targets = try checkout.deployableTargets(hosts.hosts, only: hosts.only)
        let prompter = TerminalPrompter()
        // First of all, since something may be missing that builds them.
        let enforcers = try await checkout.enforcers(for: targets, prompter: prompter)
        var record: DeploymentRecord?
        if git.noCommit {
            try await DeploymentPolicy(of: checkout, for: targets).require(prompter: prompter)
        } else {
            try await commit()
            record = try await DeploymentRecord.begin(
                in: checkout, configuration: configuration, for: targets, isAssured: git.yes, prompter: prompter)
        }
        let enforcer = try await checkout.enforcer()
        try configuration.refuseIfChanged()
        try await restore()
        let failed = hosts.only.isEmpty ? try await bringFirstData(to: targets) : []
        var run = FleetRun(
            mode: .enforce, enforcers: enforcers,
            targets: targets.filter { target in !failed.contains { $0.host == target.name } }, options: hosts,
            output: output, prompter: prompter,
            decryption: SecretDecryption(store: checkout.secretStore, passphrase: passphrase, prompter: prompter),
            // A part of a host need not need them all.
            newHosts: hosts.only.isEmpty && targets.contains { !$0.secrets.stored.isEmpty }
                ? try await record?.newHosts() ?? [] : [])
        run.given = failed
        let outcomes = try await run.perform()
        await record?.finish(outcomes, only: hosts.only, enforcer: enforcer.sha256)
        return outcomes
    }

    /// Gives the hosts the data of others that are to have some and have none yet.
    /// - Returns: how it ended for those for which that failed.
    private func bringFirstData(to targets: [Target]) async throws -> [Outcome] {
        var failed: [Outcome] = []
        for target in targets {
            let stacks = HostClone.stacks(of: target)
            if stacks.isEmpty { continue }
            let
                clone = HostClone(
                    run: OperationRun(checkout: checkout, target: target, output: output, passphrase: passphrase)),
                start = ContinuousClock.now
            let (outcome, answers) = try await clone.run.answers(to: HostOperation("whose data"))
            // What else keeps it from answering, the deployment tells.
            guard outcome.result != .interrupted else { throw Interrupted() }
            let states = HostClone.states(answers)
            for (stack, origin) in stacks where states[stack.name] == CloneState.none {
                do {
                    _ = try await clone.bring(stack, from: origin)
                } catch {
                    let outcome = Outcome(
                        of: target.name, withoutDataFrom: origin, because: error,
                        seconds: (ContinuousClock.now - start).inSeconds)
                    guard outcome.result != .interrupted else { throw Interrupted() }
                    failed.append(outcome)
                    break
                }
            }
        }
        return failed
    }
}
