/// A message that this version of Propel does not understand.
public struct MalformedMessage: Error, Equatable, CustomStringConvertible {
    /// The message as received.
    public var message: String

    package init(message: String) { self.message = message }

    public var description: String { "a message that this version of Propel does not understand: \(message)" }
}

extension JSON {
    /// Parses a line of the other side.
    package init(line: String) throws(MalformedMessage) {
        do { self = try JSON(parsing: line) } catch { throw MalformedMessage(message: String(line.prefix(200))) }
    }

    /// The message as a line for the other side, in UTF-8 with the newline.
    var line: [UInt8] { Array((description + "\n").utf8) }

    package func text(_ key: String) throws -> String {
        guard let text = self[key]?.string else { throw MalformedMessage(message: description) }
        return text
    }

    /// The string value of a key; nil if there is no such key.
    package func optionalText(_ key: String) throws -> String? { self[key] == nil ? nil : try text(key) }

    /// A time in seconds that is not negative and can be shown.
    func seconds(_ key: String) throws -> Double {
        let seconds: Double =
            switch self[key] {
            case .number(let seconds): seconds
            case .integer(let seconds): Double(seconds)
            default: throw MalformedMessage(message: description)
            }
        guard (0...1e9).contains(seconds) else { throw MalformedMessage(message: description) }
        return seconds
    }

    package func number(_ key: String) throws -> Int {
        guard let number = self[key]?.integer else { throw MalformedMessage(message: description) }
        return number
    }

    package func texts(_ key: String) throws -> [String] {
        guard let elements = self[key]?.array else { throw MalformedMessage(message: description) }
        return try elements.map { element in
            guard let text = element.string else { throw MalformedMessage(message: description) }
            return text
        }
    }

    /// The elements of an array; empty if there is no such key.
    func optionalElements(_ key: String) throws -> [JSON] {
        guard let value = self[key] else { return [] }
        guard let elements = value.array else { throw MalformedMessage(message: description) }
        return elements
    }

    /// The strings of an object.
    func textsByName(_ key: String) throws -> [String: String] {
        guard let members = self[key]?.object else { throw MalformedMessage(message: description) }
        return try members.mapValues { member in
            guard let text = member.string else { throw MalformedMessage(message: description) }
            return text
        }
    }

    /// The strings of an object; empty if there is no such key.
    func optionalTextsByName(_ key: String) throws -> [String: String] {
        self[key] == nil ? [:] : try textsByName(key)
    }

    package func member(_ key: String) throws -> JSON {
        guard let member = self[key] else { throw MalformedMessage(message: description) }
        return member
    }

    /// The strings of an array; nil if there is no such key.
    func optionalTexts(_ key: String) throws -> [String]? { self[key] == nil ? nil : try texts(key) }

    /// An object of the members that are not nil.
    package static func object(present members: [String: JSON?]) -> JSON { .object(members.compactMapValues(\.self)) }

    /// An array, or nil if it would be empty: such a member is left out.
    static func nonEmpty(_ elements: [JSON]) -> JSON? { elements.isEmpty ? nil : .array(elements) }

    /// An object, or nil if it would be empty: such a member is left out.
    static func nonEmpty(_ members: [String: JSON]) -> JSON? { members.isEmpty ? nil : .object(members) }

    /// True, or nil for false: such a member is left out.
    static func flag(_ isSet: Bool) -> JSON? { isSet ? .bool(true) : nil }
}
