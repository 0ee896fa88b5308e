import Propel
import Properties

/// The deployment of hosts with everything that belongs to it: the enforcers, the commit, the first data of stacks, the
/// runs, and the notes about them in git.
struct Deployment {
    let session: Session
    let hosts: [String]
    var options = RunOptions()
    /// Whether a changed configuration is committed without a question.
    var isConfirmed = false
    /// Whether the configuration is committed and pushed, and the deployment noted.
    var usesGit = true

    private var checkout: Checkout { session.checkout }

    /// Deploys the hosts.
    /// - Parameters:
    ///   - tag: the new tag of the host in hosts.conf; nil keeps the present one. It is taken back if the run does not
    ///     begin, or the host rolls back or is left to.
    ///   - restorations: restore data that fit the tag, once nothing can be refused any longer. After one of them the
    ///     tag stays, whatever comes later: no other version may see these data.
    func perform(
        tag: TagSetting? = nil, restoring restorations: [() async throws -> Void] = []
    ) async throws -> ExitStatus {
        guard let tag else { return ExitStatus.summing(try await deploy()) }
        // With the tag, so that one that no part of the role reads never gets into hosts.conf.
        let target = try checkout.targets(hosts, only: options.only, tag: tag)[0]
        // Before propel's own commit, which would be a signed one on top of unsigned ones.
        try await DeploymentPolicy(of: checkout, for: [target]).require(prompter: session.prompter)
        var change = try await TagChange(tag, of: target.name, in: checkout, isForGit: usesGit)
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
        let reason = Self.reasonToTakeBack(
            after: outcomes, isTogether: options.rollout.isTogether, hasStacks: !target.host.stacks.isEmpty)
        if !isRestored, let reason { try await change.takeBack(since: reason) }
        return ExitStatus.summing(outcomes)
    }

    /// Why hosts.conf must name the former tag again, as the version that runs or will, in words that follow the new
    /// tag; nil if the new one stays.
    static func reasonToTakeBack(after outcomes: [Outcome], isTogether: Bool, hasStacks: Bool) -> String? {
        if outcomes.contains(where: \.isRolledBack) {
            isTogether ? "was put back there" : "failed its health check there"
        } else if hasStacks, outcomes.contains(where: \.goesBack) {
            // Of what else a tag may be for, only stacks go back.
            "was not followed to its end, and goes back there"
        } else if !outcomes.contains(where: \.hasBegun) {
            "did not get there"
        } else {
            nil
        }
    }

    /// - Parameters:
    ///   - commit: commits further changes, once nothing stands in the way of the deployment.
    ///   - restore: restores data on the host after that.
    private func deploy(
        committing commit: () async throws -> Void = {}, restoring restore: () async throws -> Void = {}
    ) async throws -> [Outcome] {
        var configuration = ConfigurationState(of: checkout)
        var targets = try await checkout.deployableTargets(hosts, only: options.only)
        if try await generateSecrets(of: targets) {
            configuration = ConfigurationState(of: checkout)
            targets = try await checkout.deployableTargets(hosts, only: options.only)
        }
        configuration.files = targets.map(\.files)
        // First, since an SDK or a build host may be missing.
        let enforcers = try await session.enforcers(for: targets)
        var record: DeploymentRecord?
        if usesGit {
            try await commit()
            record = try await DeploymentRecord.begin(
                in: checkout, configuration: configuration, for: targets, isConfirmed: isConfirmed,
                prompter: session.prompter)
        } else {
            try await DeploymentPolicy(of: checkout, for: targets).require(prompter: session.prompter)
        }
        let enforcer = try await checkout.enforcer()
        try configuration.refuseIfChangedMeanwhile()
        try await restore()
        let failed = options.only.isEmpty ? try await bringFirstData(to: targets) : []
        var run = FleetRun(
            session: session, mode: .enforce,
            targets: targets.filter { target in !failed.contains { $0.host == target.name } }, enforcers: enforcers,
            options: options)
        run.earlierOutcomes = failed
        // A part of a host may not need all of its secrets.
        if options.only.isEmpty, targets.contains(where: { !$0.secrets.stored.isEmpty }) {
            run.newHosts = try await record?.newHosts() ?? []
        }
        let outcomes = try await run.perform()
        await record?.finish(outcomes, only: options.only, enforcer: enforcer.sha256)
        return outcomes
    }

    /// Copies data to stacks that start with the data of another host and have none yet.
    /// - Returns: the outcomes of the hosts for which that failed.
    private func bringFirstData(to targets: [Target]) async throws -> [Outcome] {
        var failed: [Outcome] = []
        for target in targets {
            let stacks = HostClone.stacks(of: target)
            if stacks.isEmpty { continue }
            let clone = HostClone(run: OperationRun(session: session, target: target))
            let start = ContinuousClock.now
            let (outcome, answers) = try await clone.run.answers(to: .dataOrigin)
            // Any other failure to answer is reported by the deployment.
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
