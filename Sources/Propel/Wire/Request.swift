/// The request of the laptop to an enforcer: the first line on its standard input.
public struct Request: Sendable, Equatable {
    /// The version of the wire format. Both programs come from one build, so versions differ only if somebody mixes
    /// files.
    public static let version = 1

    /// The entry of the machine in `hosts.conf`.
    public var entry: HostEntry
    /// The hosts of the fleet that its role reads; see ``Host/fleetHosts``.
    public var fleet: [FleetHost]
    /// The names of the properties or groups that the run is restricted to; all properties if empty.
    public var only: [String]
    /// The deployer: `anna@laptop`.
    public var deployer: String
    /// The versions of the secrets of the host, by name.
    public var secrets: [String: String]
    /// The files of the repository that the host uses.
    public var repository: RepositoryManifest
    /// The operation; nil to make the host match its description.
    public var operation: HostOperation?
    /// The hashes of the steps that the role describes on the laptop; see ``Host/stepHashes``. The enforcer refuses to
    /// run where its own differ. Nil if nothing is compared.
    public var stepHashes: [String]?
    /// The restarts of the machine in earlier parts of the run, the last one being the one that it goes on after.
    package var restarts: [Restart] = []
    /// The ID that the laptop has given to the request. It stays the same if the request is sent again, and begins one
    /// run at most. Nil for a plan or a question, which change nothing.
    package var id: RequestID?
    /// Whether what the run has changed goes back where another host of its wave fails; see ``WaveDecision``.
    package var isTogether = false

    public init(
        entry: HostEntry, fleet: [FleetHost] = [], only: [String] = [], deployer: String,
        secrets: [String: String] = [:], repository: RepositoryManifest = .empty, operation: HostOperation? = nil,
        stepHashes: [String]? = nil
    ) {
        self.entry = entry
        self.fleet = fleet
        self.only = only
        self.deployer = deployer
        self.secrets = secrets
        self.repository = repository
        self.operation = operation
        self.stepHashes = stepHashes
    }

    /// The message: an object with the kind `request`.
    public var json: JSON {
        .object(present: [
            "kind": "request", "version": .integer(Self.version), "host": .string(entry.name),
            "role": .string(entry.role),
            "tag": entry.tag.map(JSON.string), "tags": .nonEmpty(entry.tags.mapValues(JSON.string)),
            "from": entry.from.map(JSON.string), "keys": .object(entry.keys), "fleet": .nonEmpty(fleet.map(\.json)),
            "only": .array(only.map(JSON.string)), "deployer": .string(deployer),
            "secrets": .object(secrets.mapValues(JSON.string)),
            // A plain nil would be a JSON null.
            "repository": repository.isEmpty ? JSON?.none : repository.json, "operation": operation?.json,
            "steps": stepHashes.map { .array($0.map(JSON.string)) }, "restarts": .nonEmpty(restarts.map(\.json)),
            "id": (id?.description).map(JSON.string), "together": .flag(isTogether),
        ])
    }

    /// - Throws: ``MalformedMessage`` if it is not a request of this version.
    public init(_ json: JSON) throws {
        guard json["kind"] == "request", json["version"]?.integer == Self.version else {
            throw MalformedMessage(message: json.description)
        }
        // Strict: a restriction that is not understood would be ignored.
        guard let keys = json["keys"]?.object else { throw MalformedMessage(message: json.description) }
        self.init(
            entry: HostEntry(
                name: try json.text("host"), role: try json.text("role"), tag: try json.optionalText("tag"),
                tags: try json.optionalTextsByName("tags"), from: try json.optionalText("from"), keys: keys),
            fleet: try json.optionalElements("fleet").map(FleetHost.init), only: try json.texts("only"),
            deployer: try json.text("deployer"),
            secrets: try json.textsByName("secrets"),
            repository: try json["repository"].map(RepositoryManifest.init) ?? .empty,
            operation: try json["operation"].map(HostOperation.init),
            stepHashes: try json.optionalTexts("steps"))
        restarts = try json.optionalElements("restarts").map(Restart.init)
        id = try json.optionalText("id").map { text in
            guard let id = RequestID(text) else { throw MalformedMessage(message: text) }
            return id
        }
        isTogether =
            try json["together"].map { value in
                guard let isTogether = value.bool else { throw MalformedMessage(message: json.description) }
                return isTogether
            } ?? false
    }
}

/// A message from the laptop to the enforcer during a run.
public enum Instruction: Sendable, Equatable {
    /// Terminate the program that is running, and stop.
    case interrupt
    /// The plaintext of a secret. Followed by `size` raw bytes: a string could not be wiped.
    case secret(name: String, size: Int)
    /// A piece of a file from another host, or of one of the repository, which has its SHA-256 for a name. Followed by
    /// `size` raw bytes.
    case piece(Piece)
    /// A file of the repository that the run has asked for cannot be read as it was when the run began.
    case unavailable(hash: String, reason: String)
    /// No new connection can confirm the guarded changes, for this reason.
    case unconfirmed(Unconfirmed)
    /// The decision about the changes of a run that waits for the other hosts of its wave.
    case decide(WaveDecision)
    /// The receiver has all files, or the sender has sent all.
    case complete

    /// The message: an object with a `kind`.
    public var json: JSON {
        switch self {
        case .interrupt: ["kind": "interrupt"]
        case .secret(let name, let size): ["kind": "secret", "name": .string(name), "size": .integer(size)]
        case .piece(let piece): piece.json
        case .unavailable(let hash, let reason):
            ["kind": "unavailable", "file": .string(hash), "reason": .string(reason)]
        case .unconfirmed(let why):
            .object(present: [
                "kind": "unconfirmed", "proof": why.proof.map { .string($0.rawValue) }, "reason": .string(why.reason),
            ])
        case .decide(let decision): decision.json
        case .complete: ["kind": "whole"]
        }
    }

    /// - Throws: ``MalformedMessage`` if this version does not know the instruction.
    public init(_ json: JSON) throws {
        switch json["kind"]?.string {
        case "interrupt": self = .interrupt
        case "secret":
            let size = try json.number("size")
            guard 0...Secret.sizeLimit ~= size else { throw MalformedMessage(message: json.description) }
            self = .secret(name: try json.text("name"), size: size)
        case "piece": self = .piece(try Piece(json))
        case "unavailable": self = .unavailable(hash: try json.text("file"), reason: try json.text("reason"))
        case "unconfirmed":
            self = .unconfirmed(
                Unconfirmed(
                    try json.optionalText("proof").flatMap(Unconfirmed.Proof.init), try json.text("reason")))
        case WaveDecision.kind: self = .decide(try WaveDecision(json))
        case "whole": self = .complete
        default: throw MalformedMessage(message: json.description)
        }
    }
}
