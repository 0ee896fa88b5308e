extension SudoersFile {
    /// Refuses a content of the file that takes the right to become root without a password from the user who runs
    /// Propel: the next run would wait for a password, or could not become root at all.
    /// - Parameter candidate: the content; nil if the file is removed.
    func refuseLockout(_ candidate: String?, on machine: Machine) async throws {
        guard let invoker = machine.invoker, invoker != "root", let user = try await machine.user(invoker) else {
            return
        }
        let groups = try await machine.fact(Accounts.self).groups(of: user)
        // Somebody who has typed a password can do so again.
        guard try SudoRules(of: machine).asksPassword(user, in: groups) == false else { return }
        let after = try SudoRules(of: machine, with: path, as: candidate)
        guard let asks = after.asksPassword(user, in: groups) else {
            throw Failure(
                "without \(path), \(invoker), who runs Propel here, could not become root with sudo",
                advice: "Let another user run Propel first, or give \(invoker) that right in another file.")
        }
        guard asks else { return }
        let taker = after.last(for: user, in: groups)?.file ?? path
        throw Failure(
            "\(candidate == nil ? "without " : "with ")\(path), sudo would ask \(invoker) for a password, who runs "
                + "Propel here without one",
            advice:
                "Of several rules the last one counts, here that of \(taker). Declare it withoutPassword: true; or "
                + "give \(invoker) a password, and remove the NOPASSWD rule first.")
    }

    /// Refuses a file that has no effect, since another one that sudo reads later says otherwise for the same user or
    /// group, such as cloud-init's `90-cloud-init-users`.
    func refuseOutranked(on machine: Machine) throws {
        let rules = try SudoRules(of: machine, with: path, as: text).rules
        var seen: Set<[String]> = []
        for own in rules.reversed() where own.file == path && seen.insert(own.subjects).inserted {
            guard let last = rules.last(where: { $0.subjects == own.subjects }), last.file != path,
                last.asksPassword != own.asksPassword
            else { continue }
            throw outranked(own, by: last)
        }
    }

    private func outranked(_ own: SudoRules.Rule, by last: SudoRules.Rule) -> Failure {
        let effect = last.asksPassword ? "asks \(own.subjects[0]) for a password" : "asks no password"
        return Failure(
            "\(last.file), which sudo reads after \(path), has another rule for \(own.subjects[0]), so sudo \(effect)",
            advice:
                "The last rule counts. Give this one a name that sorts later, such as “zz-\(fileName)”, or remove the "
                + "other file.")
    }
}
