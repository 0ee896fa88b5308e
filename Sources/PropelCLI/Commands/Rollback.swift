import ArgumentParser
import Propel
import Properties

struct Rollback: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollback",
        abstract: "Give a host, or one stack of it, its previous tag, commit that, and deploy it.",
        discussion: """
            The previous tag is the last other one with which the host converged, as `propel history` shows it. If \
            the format \
            of a stack's data has changed since, rolling back also takes a backup of the older format (--restore).

            Examples:
              propel rollback shop
              propel rollback shop --to v1
              propel rollback shop --stack wiki
              propel rollback shop --restore
            """)

    @Argument(help: "The host, by its name in hosts.conf.")
    var host: String

    @Option(name: .long, help: ArgumentHelp("The tag; the previous one by default.", valueName: "tag|stack=tag"))
    var to: TagSetting?

    @Option(name: .long, help: "The stack that goes back to its previous tag; by default the host does.")
    var stack: String?

    @Flag(
        name: .long,
        help: """
            Also restore the newest backup in the older format of the data. Data written since then are lost; propel \
            says \
            which, and asks.
            """
    )
    var restore = false

    @OptionGroup var output: OutputOptions
    @OptionGroup var passphrase: PassphraseOptions
    @OptionGroup var git: GitOptions
    @OptionGroup var link: WaitOptions

    func validate() throws {
        if let stack, let other = to?.stack, other != stack {
            throw ValidationError("--to is for the stack \(other), and --stack names \(stack): name one of them")
        }
    }

    func run() async throws {
        try await reportingProblems {
            let session = try await Session.open(output: output, passphrase: passphrase, link: link)
            let present = try session.checkout.targets([host])[0]
            let tag = try await previousTag(of: present, in: session.checkout)
            let previous = try await previousTarget(present, tag: tag, in: session.checkout)
            let former = tag.present(in: present.machine.entry).map { " from \($0)" } ?? ""
            Terminal.error.print("\(present.name) goes back\(former) to \(tag).".printable)
            let run = OperationRun(session: session, target: previous)
            // Everything that may be refused, before any data are replaced.
            try await run.requirePolicy()
            let restores = restore ? try await confirmedRestores(for: previous.host.stacks, run) : []
            let deployment = Deployment(
                session: session, hosts: [host], isConfirmed: git.yes, usesGit: !git.noCommit)
            throw try await deployment.perform(
                tag: tag, restoring: restores.map { restore in { try await run.perform(restore) } })
        }
    }

    private func previousTag(of target: Target, in checkout: Checkout) async throws -> TagSetting {
        if let to { return TagSetting(to.tag, ofStack: to.stack ?? stack) }
        let present = TagSetting("", ofStack: stack).present(in: target.machine.entry)
        let history = try await DeploymentHistory(of: target.name, in: checkout)
        if let tag = history.tag(before: present, ofStack: stack) { return TagSetting(tag, ofStack: stack) }
        let reason =
            target.isRecorded
            ? "git has no note of another tag\(stack.map { " of \($0)" } ?? "") with which \(target.name) converged"
            : "\(target.name) is a sandbox: its deployments are not recorded in git"
        throw UsageError(description: "\(reason)\nName a tag: propel rollback \(target.name) --to TAG")
    }

    /// The host with the previous tag.
    /// - Throws: ``UsageError`` if a stack's data have a newer format than that version knows, and none are restored.
    private func previousTarget(_ present: Target, tag: TagSetting, in checkout: Checkout) async throws -> Target {
        var machine = present.machine
        tag.apply(to: &machine.entry)
        var previous = try await checkout.withFiles([checkout.target(machine, in: checkout.hostsConf)])[0]
        previous.secrets = try HostSecrets(of: previous, in: checkout.secretStore)
        let changed = previous.host.stacks.first { stack in
            present.host.stacks.contains { $0.name == stack.name && $0.dataFormat > stack.dataFormat }
        }
        guard !restore, let changed else { return previous }
        throw UsageError(
            description: """
                the format of the data of \(changed.name) has changed since: version \(tag) only knows format \
                \(changed.dataFormat)
                --restore also restores the backup from before that change; data written since then are lost.
                """
        )
    }

    /// The restores of backups that these versions of the stacks can use, each confirmed.
    private func confirmedRestores(for stacks: [Stack], _ run: OperationRun) async throws -> [ConfirmedRestore] {
        var backups: [(stack: Stack, id: String)] = []
        for stack in try await stacksWithNewerData(stacks, run) {
            backups.append((stack, try await backup(for: stack, run)))
        }
        var restores: [ConfirmedRestore] = []
        for (stack, id) in backups {
            restores.append(
                try await run.confirmRestore(of: id, isReplacing: true, isConfirmed: git.yes, stack: stack.name))
        }
        return restores
    }

    /// The stacks whose data on the machine have a newer format than they know. The machine is asked, since
    /// hosts.conf may name a version that the machine has refused.
    /// - Throws: ``UsageError`` if there are none.
    private func stacksWithNewerData(_ stacks: [Stack], _ run: OperationRun) async throws -> [Stack] {
        let answers = try await run.ask(.dataFormat)
        let newer = stacks.filter { stack in
            answers.contains { $0.stack == stack.name && ($0.dataFormat ?? 0) > stack.dataFormat }
        }
        guard newer.isEmpty else { return newer }
        let tag = run.target.machine.entry.tag ?? "before"
        throw UsageError(
            description: """
                nothing to restore: version \(tag) knows the format of all data of \(run.target.name)
                Roll back without --restore.
                """)
    }

    /// The newest backup of data that this version of a stack can use.
    private func backup(for stack: Stack, _ run: OperationRun) async throws -> String {
        let backups = try await run.ask(.backups, ofStack: stack.name).flatMap(\.self)
        if let usable = Self.usable(backups, for: stack) { return usable.id }
        throw UsageError(
            description: """
                \(run.target.name) has no backup of \(stack.name) with data in format \(stack.dataFormat)
                `propel backup list \(run.target.name)` lists its backups.
                """)
    }

    /// The first of these backups that a version of a stack can use; nil without one. A rollback never restores
    /// data of another host.
    static func usable(_ backups: [BackupSummary], for stack: Stack) -> BackupSummary? {
        backups.first { backup in
            backup.details.map { $0.dataFormat == stack.dataFormat && $0.origin == nil } ?? false
        }
    }
}
