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

    /// The state that is waited for, and the time that it may take.
    var expectation: Expect

    /// - Parameters:
    ///   - text: what must hold, for reports: “the database answers”.
    ///   - probe: how that is found out.
    ///   - timeout: the time that it may take; a minute by default.
    public init(_ text: String, _ probe: Expect.Probe, within timeout: Duration = .minutes(1)) {
        expectation = Expect(text, probe, within: timeout)
    }

    public var name: String { expectation.name }
    public var claims: [Claim] { expectation.claims }
    public var problems: [String] { expectation.problems }

    public func check(on machine: Machine) async throws -> Check {
        guard case .unmet(let change) = try await expectation.check(on: machine) else { return .satisfied }
        return .unmet("\(change.reason): wait for at most \(expectation.timeout.inWords)")
    }

    /// - Throws: ``Failure`` if it does not hold in its time.
    public func apply(on machine: Machine) async throws {
        let reason = try await expectation.reasonNotToHold(on: machine, waiting: { machine.showProgress($0) })
        guard let reason else { return }
        throw Failure(
            "\(name): not within \(expectation.timeout.inWords); \(reason)",
            advice: "Look at what serves it on the machine, or give it more time with within:.")
    }
}
