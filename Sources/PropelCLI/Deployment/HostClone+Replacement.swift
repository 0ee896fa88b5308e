import Properties

extension HostClone {
    /// Replaces the data of the host's stacks by fresh copies of those of other hosts.
    /// - Parameters:
    ///   - name: the only stack; nil for all that have the data of another host.
    ///   - isConfirmed: whether the user has agreed already.
    /// - Throws: ``UsageError`` if there is nothing to replace or the user declines; the ``ExitStatus`` of a failure.
    func replaceData(ofStack name: String?, isConfirmed: Bool) async throws {
        let stacks = Self.stacks(of: run.target, named: name)
        guard !stacks.isEmpty else {
            throw UsageError(
                description: """
                    no stack of \(run.target.name) has the data of another host
                    Its entry in hosts.conf needs from = "…", and its role Stack(…, dataFrom: host.from).
                    """)
        }
        try await run.requirePolicy()
        let states = Self.states(try await run.ask(.dataOrigin))
        try refuseFirstCopy(stacks, states)
        if !isConfirmed { try await confirm(stacks) }
        for (stack, origin) in stacks {
            let id = try await copy(stack, from: origin)
            if states[stack.name] == .arrived {
                Terminal.error.print(
                    "They are restored when \(run.target.name) is deployed: `propel \(run.target.name)`.")
            } else {
                try await run.restore(id, isReplacing: true, isConfirmed: true, stack: stack.name)
            }
        }
    }

    /// - Throws: ``UsageError`` if a stack has no data: a deployment copies the first ones.
    private func refuseFirstCopy(
        _ stacks: [(stack: Stack, origin: String)], _ states: [String: CloneState]
    ) throws {
        for (stack, origin) in stacks where states[stack.name] == nil || states[stack.name] == CloneState.none {
            throw UsageError(
                description: """
                    \(stack.name) of \(run.target.name) has no data yet, and gets those of \(origin) when it is deployed
                    Run `propel \(run.target.name)`.
                    """)
        }
    }

    private func confirm(_ stacks: [(stack: Stack, origin: String)]) async throws {
        let what = stacks.map { "\($0.stack.name) by those of \($0.origin)" }.joined(separator: ", ")
        try await run.session.prompter.requireYes(
            to: "This replaces the data of \(what). A backup of the data of \(run.target.name) is taken before. "
                + "Continue?",
            unasked: "there is no terminal to ask at\nUse --yes to replace the data without a question.",
            refused: "not replaced")
    }

    private func copy(_ stack: Stack, from origin: String) async throws -> String {
        do {
            return try await bring(stack, from: origin)
        } catch {
            let outcome = Outcome(of: run.target.name, withoutDataFrom: origin, because: error, seconds: 0)
            Terminal.error.print(ReportText(isVerbose: false, hosts: [run.target.name]).failure(outcome))
            throw ExitStatus.summing([outcome])
        }
    }
}
