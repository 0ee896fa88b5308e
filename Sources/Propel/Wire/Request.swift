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
    /// The secrets of the host: what tells the encrypted file of each from any other, by name.
    public var secrets: [String: String]
    /// What is to be done with the host, or asked of it; nil where it is to be as described.
    public var operation: HostOperation?

    public init(
        entry: HostEntry, only: [String] = [], deployer: String, secrets: [String: String] = [:],
        operation: HostOperation? = nil
    ) {
        self.entry = entry
        self.only = only
        self.deployer = deployer
        self.secrets = secrets
        self.operation = operation
    }

    /// The message: an object with the kind `request`.
    public var json: JSON {
        .object(present: [
            "kind": "request", "version": .integer(Self.version), "host": .string(entry.name),
            "role": .string(entry.role),
            "tag": entry.tag.map(JSON.string), "from": entry.from.map(JSON.string), "keys": .object(entry.keys),
            "only": .array(only.map(JSON.string)),
            "deployer": .string(deployer), "secrets": .object(secrets.mapValues(JSON.string)),
            "operation": operation?.json,
        ])
    }

    /// - Throws: ``MalformedMessage`` where it is no request, or one of another version.
    public init(_ json: JSON) throws {
        guard json["kind"] == "request", json["version"]?.integer == Self.version else {
            throw MalformedMessage(message: json.description)
        }
        // Strictly: a restriction that is not understood would be none.
        guard let keys = json["keys"]?.object, let secrets = json["secrets"]?.object else {
            throw MalformedMessage(message: json.description)
        }
        self.init(
            entry: HostEntry(
                name: try json.text("host"), role: try json.text("role"), tag: try json.optionalText("tag"),
                from: try json.optionalText("from"), keys: keys),
            only: try json.texts("only"), deployer: try json.text("deployer"),
            secrets: try secrets.mapValues { version in
                guard let text = version.string else { throw MalformedMessage(message: json.description) }
                return text
            },
            operation: try json["operation"].map(HostOperation.init))
    }
}

/// What the controller may say while a run goes on.
public enum Instruction: Sendable, Equatable {
    /// End the program that is running, and stop.
    case interrupt
    /// The plaintext of a secret. So many bytes of it follow the line, as they are: a text could not be wiped.
    case secret(name: String, size: Int)
    /// A piece of a file from another host. So many bytes of it follow the line, as they are.
    case piece(Piece)
    /// The other host has all pieces, or has sent them.
    case whole

    /// The most bytes that a secret may have: 64 MiB. All are held in memory.
    public static let secretLimit = 64 * 1024 * 1024

    /// The message: an object with a `kind`.
    public var json: JSON {
        switch self {
        case .interrupt: ["kind": "interrupt"]
        case .secret(let name, let size): ["kind": "secret", "name": .string(name), "size": .integer(size)]
        case .piece(let piece): piece.json
        case .whole: ["kind": "whole"]
        }
    }

    /// - Throws: ``MalformedMessage`` where it is no instruction that this version knows.
    public init(_ json: JSON) throws {
        switch json["kind"]?.string {
        case "interrupt": self = .interrupt
        case "secret":
            let size = try json.number("size")
            guard 0...Self.secretLimit ~= size else { throw MalformedMessage(message: json.description) }
            self = .secret(name: try json.text("name"), size: size)
        case "piece": self = .piece(try Piece(json))
        case "whole": self = .whole
        default: throw MalformedMessage(message: json.description)
        }
    }
}
