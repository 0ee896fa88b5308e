import Propel

/// The events of a plan or a question, which begins again where its connection is lost: what was told is recognized.
struct Repetition {
    enum News {
        /// It was not told before.
        case new
        /// It was told over an earlier connection.
        case told
        /// It is about this moment only, and says nothing about how far the plan has come.
        case passing
    }

    private var isStarted = false
    /// The hashes of the reports of properties by their paths, and how many of each were heard over this connection.
    private var reports: [String: [Int]] = [:], heard: [String: Int] = [:]
    /// The number of answers, and of those that were heard over this connection.
    private var answers = 0
    private(set) var heardAnswers = 0

    /// Begins again: everything will be told once more.
    mutating func begin() {
        heard = [:]
        heardAnswers = 0
    }

    /// Takes the next event.
    mutating func add(_ event: Event) -> News {
        switch event {
        case .started:
            defer { isStarted = true }
            return isStarted ? .told : .new
        case .property(let report): return add(report)
        case .answer:
            heardAnswers += 1
            defer { answers = max(answers, heardAnswers) }
            return heardAnswers > answers ? .new : .told
        case .heartbeat, .applying, .progress, .fetch: return .passing
        case .needs, .confirm, .ready, .promised, .locked, .refused, .broken, .restarting, .begun, .piece, .ended:
            return .new
        }
    }

    /// A property that has changed in between is told again.
    private mutating func add(_ report: PropertyReport) -> News {
        var timeless = report
        timeless.seconds = 0
        let hash = timeless.json.description.hashValue, index = heard[report.path, default: 0]
        heard[report.path] = index + 1
        guard let told = reports[report.path], index < told.count else {
            reports[report.path, default: []].append(hash)
            return .new
        }
        if told[index] == hash { return .told }
        reports[report.path]?[index] = hash
        return .new
    }
}
