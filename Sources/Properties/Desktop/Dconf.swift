/// Settings of a desktop, and of programs of GNOME, in the database of a user (dconf(7)).
///
///     Dconf("org/gnome/desktop/interface", ["clock-format": "24h", "clock-show-weekday": true], of: "anna")
///     Dconf("org/gnome/desktop/session", ["idle-delay": .raw("uint32 900")], of: "anna")
///     Dconf("org/gnome/shell", ["favorite-apps": ["firefox.desktop", "org.gnome.Nautilus.desktop"]], of: "anna")
///
/// Other settings stay, and the user may change those that are declared until the next run. A session of the user has
/// them at once. `dconf watch /` prints the names of what is changed in a dialog. One question answers for all
/// settings of a user. A revert resets them to their defaults.
public struct Dconf: Revertible {
    public typealias Target = DebianLike

    public let path: String
    public let settings: [String: Value]
    public let user: String

    /// - Parameters:
    ///   - path: the directory of the settings, without a slash at its ends: `org/gnome/desktop/interface`.
    ///   - settings: the values by the names of the settings.
    ///   - user: the name of the user, who must exist or be declared before.
    public init(_ path: String, _ settings: [String: Value], of user: String) {
        self.path = path
        self.settings = settings
        self.user = user
    }

    public var name: String { "dconf \(path): \(settings.keys.sorted().joined(separator: ", ")), of \(user)" }
    public var claims: [Claim] {
        texts.map { Claim("the setting \(path)/\($0.key) of \(user)", is: $0.value) }
    }
    public var problems: [String] { problems(in: validate) }

    private var texts: [(key: String, value: String)] {
        settings.sorted { $0.key < $1.key }.map { ($0.key, $0.value.text) }
    }

    public func declaration(at place: SourcePlace) -> Declaration {
        declaration(at: place, requiring: [Apt.Installed("dconf-cli", "dbus")])
    }

    public func announce(to machine: Machine) { machine.expect(user, of: DconfState.self) }

    /// - Throws: ``Undetermined`` if the user does not exist yet, or dconf is not installed.
    public func check(on machine: Machine) async throws -> Check {
        try validate()
        _ = try await machine.awaitedUser(user)
        let state = try await machine.fact(DconfState.self)
        return .unmet(
            unlessEmpty: texts.compactMap { key, wanted in
                let present = state.value(of: "\(path)/\(key)", of: user)
                return present == wanted ? nil : "\(key) \(present ?? "default") → \(wanted)"
            })
    }

    public func apply(on machine: Machine) async throws {
        try validate()
        let lines = ["[\(path)]"] + texts.map { "\($0.key)=\($0.value)" }
        try await run(["load", "/"], lines.map { $0 + "\n" }.joined(), on: machine)
    }

    public func checkReverted(on machine: Machine) async throws -> Check {
        try validate()
        guard try await machine.user(user) != nil else { return .satisfied }
        let state = try await machine.fact(DconfState.self)
        let set = texts.filter { state.value(of: "\(path)/\($0.key)", of: user) != nil }.map(\.key)
        return .unmet(unlessEmpty: set.isEmpty ? [] : ["reset \(set.joined(separator: ", "))"])
    }

    public func revert(on machine: Machine) async throws {
        try validate()
        for (key, _) in texts { try await run(["reset", "/\(path)/\(key)"], "", on: machine) }
    }

    /// Runs dconf on the bus of the user's session, which learns of the change then, or on one that lasts for this.
    private func run(_ arguments: [String], _ input: String, on machine: Machine) async throws {
        let account = try await machine.awaitedUser(user)
        let bus: FilePath = "/run/user/\(account.id)/bus"
        let hasSession = try machine.files.status(of: bus) != nil
        let words = (hasSession ? [] : ["dbus-run-session", "--"]) + ["dconf"] + arguments
        let command = Invocation(
            words[0], Array(words.dropFirst()),
            environment: hasSession ? ["DBUS_SESSION_BUS_ADDRESS": "unix:path=\(bus)"] : [:], input: Array(input.utf8))
        try await machine.succeed(command.asUser(account))
    }

    private func validate() throws {
        try AccountName.validate(user, of: "user")
        func isPlain(_ text: String, _ more: String) -> Bool {
            !text.isEmpty && text.utf8.allSatisfy { $0.isASCIILetterOrDigit || more.utf8.contains($0) }
        }
        guard isPlain(path, "/-._:"), !path.hasPrefix("/"), !path.hasSuffix("/"),
            !path.split(separator: "/", omittingEmptySubsequences: false).contains("")
        else {
            throw Failure(
                "invalid directory of settings “\(path.escaped)”", advice: "Write it as org/gnome/desktop/interface.")
        }
        guard !settings.isEmpty else { throw Failure("no settings of \(path) are declared") }
        for (key, value) in texts {
            guard isPlain(key, "-._") else {
                throw Failure(
                    "invalid name of a setting “\(key.escaped)” of \(path)", advice: "Write it as dconf does.")
            }
            guard !value.isEmpty, value.trimmed == value, !value.utf8.contains(where: { $0 < 0x20 }) else {
                throw Failure("invalid value “\(value.escaped)” of \(path)/\(key)", advice: "Write it as dconf does.")
            }
        }
    }
}

extension Dconf {
    /// A value: a string, a Boolean, a number, a list of strings, or another one as dconf prints it.
    public enum Value: Sendable, Hashable {
        case string(String)
        case bool(Bool)
        case integer(Int)
        case double(Double)
        case strings([String])
        /// In the words of `dconf read`: `uint32 900`, `@as []`, `(1, 'a')`.
        case raw(String)

        /// The text as dconf prints it (GVariant, “Text Format”).
        var text: String {
            switch self {
            case .string(let text): Self.quoted(text)
            case .bool(let value): "\(value)"
            case .integer(let value): "\(value)"
            case .double(let value): "\(value)"
            case .strings(let texts): texts.isEmpty ? "@as []" : "[\(texts.map(Self.quoted).joined(separator: ", "))]"
            case .raw(let text): text
            }
        }

        private static func quoted(_ text: String) -> String {
            let quote: Character = text.contains("'") ? "\"" : "'"
            let escaped = text.map { character -> String in
                switch character {
                case "\\": "\\\\"
                case quote: "\\\(quote)"
                case "\n": "\\n"
                case "\t": "\\t"
                default: String(character)
                }
            }
            return "\(quote)\(escaped.joined())\(quote)"
        }
    }
}

extension Dconf.Value: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByArrayLiteral
{
    public init(stringLiteral value: String) { self = .string(value) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(integerLiteral value: Int) { self = .integer(value) }
    public init(floatLiteral value: Double) { self = .double(value) }
    public init(arrayLiteral elements: String...) { self = .strings(elements) }
}

/// The settings of the users that are declared. One question for each answers for all of them.
struct DconfState: MachineFact {
    private var values: [String: [String: String]] = [:]

    /// - Throws: ``Undetermined`` if dconf is not installed.
    static func read(from machine: Machine) async throws -> DconfState {
        guard try machine.files.status(of: "/usr/bin/dconf") != nil else {
            throw Undetermined(until: "dconf-cli is installed")
        }
        var state = DconfState()
        for name in machine.expected(of: DconfState.self) {
            guard let account = try await machine.user(name),
                try machine.files.status(of: account.home.appending(".config/dconf/user")) != nil
            else { continue }
            let dump = Invocation("dconf", ["dump", "/"]).asUser(account)
            state.values[name] = parse(try await machine.succeed(dump).text)
        }
        return state
    }

    static func parse(_ text: String) -> [String: String] {
        var values: [String: String] = [:], directory = ""
        for line in text.nonEmptyLines.map(String.init) {
            if line.hasPrefix("["), line.hasSuffix("]") {
                let name = String(line.dropFirst().dropLast())
                directory = name == "/" ? "" : name + "/"
            } else if let end = line.firstIndex(of: "=") {
                values[directory + line[..<end]] = String(line[line.index(after: end)...])
            }
        }
        return values
    }

    func value(of key: String, of user: String) -> String? { values[user]?[key] }
}
