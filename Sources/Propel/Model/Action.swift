/// Something to do, where there is no state to look for: reload a daemon, refresh a list.
///
/// An action is no property. It becomes part of a host by what sets it off: a change (``Declarable/onChange(_:)``) or a
/// span of time (``periodically(every:)``).
public protocol Action<Target>: Sendable {
    associatedtype Target: Platform

    /// What is done, in a few words: "restart docker.service". Two actions with one name are one.
    var name: String { get }

    /// Whether it waits until all that ask for it hold; yes by default, since half of a change is no reason to restart anything.
    /// Where they have nothing to do with each other it is no: one that has failed does not keep it from those that have changed.
    var waitsForAll: Bool { get }

    func perform(on machine: Machine) async throws
}

extension Action {
    public var waitsForAll: Bool { true }

    /// A property that holds as long as the action succeeded within `interval` before now.
    public func periodically(every interval: Duration) -> Periodic<Self> { Periodic(action: self, interval: interval) }
}

/// An action that is due again when a span of time has passed since it last succeeded.
public struct Periodic<Repeated: Action>: Property {
    public typealias Target = Repeated.Target

    let action: Repeated
    let interval: Duration

    public var name: String { "\(action.name), every \(interval.inWords)" }
    public var claims: [Claim] {
        [Claim("how often to \(action.name)", is: "\(interval)", summary: "every \(interval.inWords)")]
    }

    public func check(on machine: Machine) async throws -> Check {
        guard let last = try machine.files.status(of: stamp)?.modified else { return .unmet("never done") }
        let age = machine.now - last
        // A stamp from the future is a clock that was wrong then: it must not hold the action back.
        return age >= .zero && age < interval ? .satisfied : .unmet("last done \(age.inWords) ago")
    }

    public func apply(on machine: Machine) async throws {
        try await action.perform(on: machine)
        try machine.files.createDirectories(stamp.removingLastComponent(), mode: 0o700)
        try machine.files.replace(stamp, with: [], mode: 0o600)
    }

    private var stamp: FilePath {
        Machine.state.appending("stamps").appending(FilePath.Component(escaping: action.name))
    }
}
