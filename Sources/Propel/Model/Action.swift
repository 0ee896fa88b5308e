/// Something to do rather than a state to keep: reload a daemon, refresh a list.
///
/// An action is not a property. It becomes part of a host by what triggers it: a change (`onChange`, `onChangeNow`)
/// or an interval (``periodically(every:)``).
public protocol Action<Target>: Sendable {
    associatedtype Target: Platform

    /// The action in a few words: “restart docker.service”. Actions with the same name are performed once.
    var name: String { get }

    /// Whether the action waits until every property that triggers it is satisfied; true by default, since half a
    /// change is no reason to restart anything. False if the properties are independent: one that failed does not hold
    /// up the others.
    var waitsForAll: Bool { get }

    /// The secrets that it may need; none by default.
    var secrets: [Secret] { get }

    /// Performs the action.
    func perform(on machine: Machine) async throws
}

/// An action of a step that is performed before the steps that are declared next.
package struct ImmediateAction: Sendable {
    package var action: any Action
    /// Whether a change of the step requests the action; if not, it is performed there if something else has.
    var isRequested = true
    /// The number of the declaration that requests it. All steps of that declaration have the same, and the action is
    /// performed after the last of them.
    var declaration: Int
}

/// An action that restarts the machine.
///
/// As an immediate action it ends this part of the run. The laptop waits until the machine is back, and the run goes on
/// with what is declared next.
public protocol RestartingAction: Action {}

/// A property that restarts the machine before what is declared next; see ``RestartingAction``.
public protocol RestartingProperty: Property {
    /// Whether the run goes on after the restart; if not, the machine restarts when the run is over.
    var goesOnAfterRestart: Bool { get }
}

extension Action {
    public var waitsForAll: Bool { true }
    public var secrets: [Secret] { [] }

    /// Returns a property that is satisfied while the last success of the action is at most `interval` ago.
    public func periodically(every interval: Duration) -> Periodic<Self> { Periodic(action: self, interval: interval) }
}

extension Periodic: DueByTime {}

/// A property that performs an action when an interval has passed since its last success.
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
        // A stamp from the future comes from a clock that was wrong: it must not delay the action.
        return age >= .zero && age < interval ? .satisfied : .unmet("last done \(age.inWords) ago")
    }

    public func apply(on machine: Machine) async throws {
        try await action.perform(on: machine)
        try machine.files.replacePrivate(stamp, with: [])
    }

    private var stamp: FilePath {
        Machine.state.appending("stamps").appending(escaping: action.name)
    }
}
