/// The result of the survey for one step.
struct Finding: Sendable {
    enum Answer: Sendable {
        case check(Check)
        case failed(Failure)
        /// The step is for another platform, with this name.
        case notFor(String)
        /// The step was not checked, for this reason.
        case blocked(String)
        /// The step is looked at when the run is over.
        case expected
    }

    var answer: Answer
    var seconds: Double
    /// Whether it is a change of what the last run left satisfied, with the same description.
    var isDrift = false

    var isChange: Bool { if case .check(.unmet) = answer { true } else { false } }
    var isFailed: Bool { if case .failed = answer { true } else { false } }
    var isBlocked: Bool { if case .blocked = answer { true } else { false } }
    var isExpected: Bool { if case .expected = answer { true } else { false } }
    var isNotFor: Bool { if case .notFor = answer { true } else { false } }
    /// Whether the step cannot be satisfied by the run, as far as the survey can tell.
    var cannotSucceed: Bool { isFailed || isBlocked }
    var isUnknown: Bool { if case .check(.unknown) = answer { true } else { false } }
    /// Whether the run changes something for the step, or may turn out to.
    var mayChange: Bool { isChange || isUnknown }

    /// The secrets whose plaintexts the run needs for the step.
    func secrets(of step: Step) -> [Secret] {
        switch answer {
        // Its actions follow the change.
        case .check(.unmet(let change)): change.secrets + step.actionSecrets
        case .check(.unknown): step.property.secrets + step.actionSecrets
        case .check(.satisfied), .failed, .notFor, .blocked, .expected: []
        }
    }

    /// The files of the repository whose contents the run needs for the step.
    func contents(of step: Step, _ repository: RepositoryManifest) -> [RepositoryContent] {
        switch answer {
        case .check(.unmet(let change)): change.contents
        case .check(.unknown):
            step.sources.flatMap { source -> [RepositoryContent] in
                switch source {
                case .directory(let directory): Array(repository.tree(directory).files.values)
                case .file, .template: repository.files[source.path].map { [$0] } ?? []
                }
            }
        case .check(.satisfied), .failed, .notFor, .blocked, .expected: []
        }
    }

    /// The report of the step in a plan.
    func prediction(for step: Step) -> PropertyReport {
        var report = reportOfAnswer(for: step)
        report.isDrift = isDrift
        return report
    }

    private func reportOfAnswer(for step: Step) -> PropertyReport {
        switch answer {
        case .check(.satisfied): step.report(.ok, seconds: seconds)
        case .check(.unmet(let change)): step.report(.wouldChange, seconds: seconds, change.reason, diff: change.diff)
        case .check(.unknown(let until)): step.report(.unknown, seconds: seconds, "cannot tell until \(until)")
        case .failed(let failure): step.report(failedWith: failure, seconds: seconds)
        case .blocked(let reason): step.report(.skipped, seconds: seconds, reason)
        case .expected: step.report(.unknown, seconds: seconds, "cannot tell until the run is over")
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

    func report(failedWith error: any Error, seconds: Double) -> PropertyReport {
        let failure = Failure(describing: error)
        return PropertyReport(
            path: path, status: .failed, seconds: seconds, detail: failure.message, failure: failure,
            place: place.description)
    }
}
