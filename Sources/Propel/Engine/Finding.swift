/// What the survey found of one step.
struct Finding: Sendable {
    enum Answer: Sendable {
        case check(Check)
        case failed(Failure)
        /// It is for the machines of that name, and this is none of them.
        case notFor(String)
        /// It was not looked at, for that reason.
        case blocked(String)
    }

    var answer: Answer
    var seconds: Double

    var isChange: Bool { if case .check(.unmet) = answer { true } else { false } }
    var isFailed: Bool { if case .failed = answer { true } else { false } }
    var isBlocked: Bool { if case .blocked = answer { true } else { false } }
    var isNotFor: Bool { if case .notFor = answer { true } else { false } }
    /// Whether it will not hold after the run, as far as can be told.
    var isHopeless: Bool { isFailed || isBlocked }
    var isUnknown: Bool { if case .check(.unknown) = answer { true } else { false } }

    /// The secrets whose plaintexts the run needs because of it.
    func secrets(of step: Step) -> [Secret] {
        switch answer {
        case .check(.unmet(let change)): change.secrets
        case .check(.unknown): step.property.secrets
        case .check(.satisfied), .failed, .notFor, .blocked: []
        }
    }

    /// What a plan says of it.
    func prediction(for step: Step) -> PropertyReport {
        switch answer {
        case .check(.satisfied): step.report(.ok, seconds: seconds)
        case .check(.unmet(let change)): step.report(.wouldChange, seconds: seconds, change.reason, diff: change.diff)
        case .check(.unknown(let until)): step.report(.unknown, seconds: seconds, "cannot tell until \(until)")
        case .failed(let failure): step.report(failedWith: failure, seconds: seconds)
        case .blocked(let reason): step.report(.skipped, seconds: seconds, reason)
        case .notFor(let name): step.report(.skipped, seconds: seconds, "only on \(name)")
        }
    }
}

extension Step {
    func report(
        _ status: PropertyReport.Status, seconds: Double, _ detail: String = "", diff: Diff? = nil
    ) -> PropertyReport {
        PropertyReport(
            path: path, status: status, seconds: seconds, detail: detail, diff: diff?.text, place: place.description)
    }

    func report(failedWith failure: Failure, seconds: Double) -> PropertyReport {
        PropertyReport(
            path: path, status: .failed, seconds: seconds, detail: failure.message, failure: failure,
            place: place.description)
    }
}
