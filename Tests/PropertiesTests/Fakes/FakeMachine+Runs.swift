import PropelTesting
import Properties
import Testing

extension FakeMachine {
    /// Runs a host.
    /// - Returns: the summary, and a line for each property: `docker/daemon.json: changed create with mode 0644`.
    func enforce(_ host: Host) async -> (summary: RunSummary, lines: [String]) {
        await report(host) { await $0.enforce() }
    }

    /// Plans a run of a host.
    /// - Returns: see ``enforce(_:)``.
    func plan(_ host: Host) async -> (summary: RunSummary, lines: [String]) {
        await report(host) { await $0.plan() }
    }

    private func report(_ host: Host, _ run: (Engine) async -> RunSummary) async -> (RunSummary, [String]) {
        let reports = Reports()
        let engine = Engine(host: host, machine: machine) {
            if case .property(let report) = $0 {
                reports.add("\(report.path): \(report.status.rawValue) \(report.detail)")
            }
        }
        machine.forgetFacts()
        return (await run(engine), reports.lines)
    }

    /// Expects a property to be refused, by its check and by its apply, for one reason.
    func refusal(of property: some Property) async -> Failure? {
        let checked = await #expect(throws: Failure.self) { try await check(property) }
        let applied = await #expect(throws: Failure.self) { try await property.apply(on: machine) }
        #expect(checked == applied)
        return checked
    }
}
