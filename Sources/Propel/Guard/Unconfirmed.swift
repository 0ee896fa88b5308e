/// Why guarded changes were not confirmed.
public struct Unconfirmed: Error, Sendable, Equatable {
    /// The proofs of a confirmation, in their order.
    package enum Proof: String, Sendable, CaseIterable {
        /// The machine answers at the address of the next run, with its host key.
        case address
        /// The deployer can log in.
        case login
        /// The login can become root.
        case root
    }

    /// The proof that failed; nil if it did not come to that.
    package var proof: Proof?
    /// The reason in a few words.
    package var reason: String

    package init(_ proof: Proof?, _ reason: String) {
        self.proof = proof
        self.reason = reason
    }

    /// - Parameter reason: why it did not come to any proof.
    package init(_ reason: String) { self.init(nil, reason) }

    /// The proof and the reason in words.
    package var words: String {
        switch proof {
        case .address: "no new connection reaches the machine at the address of the next run: \(reason)"
        case .login: "no new connection can log in: \(reason)"
        case .root: "a new connection logs in, but cannot become root as this one did: \(reason)"
        case nil: reason
        }
    }
}

extension Failure {
    /// The failure of a change that went back after a restart of the machine.
    static var putBackAfterRestart: Failure {
        let limit = GuardUnits.restartDeadline.inWords
        var failure = Failure(
            putBackBecause: Unconfirmed("nobody came over a new connection within \(limit) after the restart"), [])
        failure.advice =
            "The machine was restarted once more, as it was before this change. Look at what the change does "
            + "to it, then run again."
        return failure
    }

    /// The failure of a guarded change that was put back.
    /// - Parameter done: what was done for it, each in a line.
    init(putBackBecause cause: Unconfirmed, _ done: [String]) {
        self.init(
            "put back, since \(cause.words)", output: done,
            advice: cause.proof == nil
                ? "Put that right, then run again."
                : "The machine is as it was before this change. Change the declaration so that you can still come in, "
                    + "then run again.")
        isPutBack = true
    }
}
