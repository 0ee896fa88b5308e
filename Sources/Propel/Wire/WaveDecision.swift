/// The decision about the changes of hosts that are deployed together, once all of a wave are done or one has failed.
public enum WaveDecision: Sendable, Equatable {
    /// Others are not done yet: the run goes on waiting. Told again and again, as long as there is a connection.
    case open
    /// All hosts are done. The run tells that it still waits, with ``Event/promised(round:)``, and goes on waiting.
    case promise(round: Int)
    /// All hosts have converged: the changes stay.
    case stay
    /// A host has failed, for this reason: the changes go back.
    case putBack(because: String)
}

extension WaveDecision {
    static let kind = "wave"

    /// The message: an object with a `kind`.
    var json: JSON {
        switch self {
        case .open: ["kind": .string(Self.kind), "decision": "open"]
        case .promise(let round):
            ["kind": .string(Self.kind), "decision": "promise", "round": .integer(round)]
        case .stay: ["kind": .string(Self.kind), "decision": "stay"]
        case .putBack(let reason):
            ["kind": .string(Self.kind), "decision": "put back", "reason": .string(reason)]
        }
    }

    /// - Throws: ``MalformedMessage`` if this version does not know the decision.
    init(_ json: JSON) throws {
        switch try json.text("decision") {
        case "open": self = .open
        case "promise": self = .promise(round: try json.number("round"))
        case "stay": self = .stay
        case "put back": self = .putBack(because: try json.text("reason"))
        default: throw MalformedMessage(message: json.description)
        }
    }
}
