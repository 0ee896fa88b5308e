/// What the controller asks of an enforcer: the first line on its standard input.
public struct Request: Sendable, Equatable {
    /// The version of the messages between controller and enforcer. Both come out of one build, so they only differ
    /// where somebody mixes files.
    public static let version = 1

    /// What `hosts.conf` says of the machine.
    public var entry: HostEntry
    /// The names that the run is restricted to; all properties where empty.
    public var only: [String]
    /// Who asks: `anna@laptop`.
    public var deployer: String

    public init(entry: HostEntry, only: [String] = [], deployer: String) {
        self.entry = entry
        self.only = only
        self.deployer = deployer
    }

    /// The message: an object with the kind `request`.
    public var json: JSON {
        .object(present: [
            "kind": "request", "version": .integer(Self.version), "host": .string(entry.name), "role": .string(entry.role),
            "tag": entry.tag.map(JSON.string), "keys": .object(entry.keys), "only": .array(only.map(JSON.string)),
            "deployer": .string(deployer),
        ])
    }

    /// - Throws: ``MalformedMessage`` where it is no request, or one of another version.
    public init(_ json: JSON) throws {
        guard json["kind"] == "request", json["version"]?.integer == Self.version else {
            throw MalformedMessage(message: json.description)
        }
        // Strictly: a restriction that is not understood would be none.
        guard let keys = json["keys"]?.object else { throw MalformedMessage(message: json.description) }
        self.init(
            entry: HostEntry(
                name: try json.text("host"), role: try json.text("role"), tag: try json.optionalText("tag"), keys: keys),
            only: try json.texts("only"), deployer: try json.text("deployer"))
    }
}

/// What the controller may say while a run goes on.
public enum Instruction: Sendable, Equatable {
    /// End the program that is running, and stop.
    case interrupt

    /// The message: an object with a `kind`.
    public var json: JSON { ["kind": "interrupt"] }

    /// - Throws: ``MalformedMessage`` where it is no instruction that this version knows.
    public init(_ json: JSON) throws {
        guard json["kind"] == "interrupt" else { throw MalformedMessage(message: json.description) }
        self = .interrupt
    }
}
