/// Something that must hold before what is declared next: a server that was just started answers.
///
///     Service("postgresql")
///     Awaited("the database answers", .port(5432))
///     Command("app migrate", unless: "app migrate --check")
///
/// The run waits for it in its turn, and if it does not hold in its time, the property has failed and what requires it
/// is skipped. Waiting changes nothing, and a machine on which it holds is not waited for. What must hold when the run
/// is over is an ``Expect``.
public struct Awaited: Property {
    public typealias Target = UnixLike

    public let text: String
    public let probe: Expect.Probe
    public let timeout: Duration
    /// The pause between two looks.
    var pause: Duration = .seconds(1)

    /// - Parameters:
    ///   - text: what must hold, for reports: “the database answers”.
    ///   - probe: how that is found out.
    ///   - timeout: the time that it may take; a minute by default.
    public init(_ text: String, _ probe: Expect.Probe, within timeout: Duration = .minutes(1)) {
        self.text = text
        self.probe = probe
        self.timeout = timeout
    }

    public var name: String { text }
    public var claims: [Claim] { expectation.claims }
    public var problems: [String] { expectation.problems }

    private var expectation: Expect { Expect(text, probe, within: timeout) }

    public func check(on machine: Machine) async throws -> Check {
        guard let complaint = try await probe.complaint(on: machine) else { return .satisfied }
        return .unmet("\(complaint): wait for at most \(timeout.inWords)")
    }

    /// - Throws: ``Failure`` if it does not hold in its time.
    public func apply(on machine: Machine) async throws {
        let clock = ContinuousClock(), deadline = clock.now + timeout
        while let complaint = try await look(at: machine) {
            guard clock.now < deadline else {
                throw Failure(
                    "\(text): not within \(timeout.inWords); \(complaint)",
                    advice: "Look at what serves it on the machine, or give it more time with within:.")
            }
            machine.showProgress(complaint)
            try await Task.sleep(for: pause)
        }
    }

    /// The reason why it does not hold yet.
    private func look(at machine: Machine) async throws -> String? {
        machine.forgetFacts()
        return try await probe.complaint(on: machine)
    }
}
