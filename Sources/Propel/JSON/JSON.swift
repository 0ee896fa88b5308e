/// A JSON value (RFC 8259).
///
/// The half of Propel that runs on the target has JSON of its own since FoundationEssentials would double the size of
/// `propel-enforce`, and every machine gets a copy of that file.
public enum JSON: Sendable, Hashable {
    case null
    case bool(Bool)
    case integer(Int)
    case number(Double)
    case string(String)
    case array([JSON])
    case object([String: JSON])
}

extension JSON: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral,
    ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    public init(nilLiteral: ()) { self = .null }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(integerLiteral value: Int) { self = .integer(value) }
    public init(floatLiteral value: Double) { self = .number(value) }
    public init(stringLiteral value: String) { self = .string(value) }
    public init(arrayLiteral elements: JSON...) { self = .array(elements) }
    public init(dictionaryLiteral elements: (String, JSON)...) {
        self = .object(Dictionary(elements, uniquingKeysWith: { _, last in last }))
    }
}

extension JSON {
    /// The value of a Boolean; nil where this is none.
    public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
    /// The value of a whole number, written without a fraction and an exponent; nil where this is none.
    public var integer: Int? { if case .integer(let value) = self { value } else { nil } }
    /// The value of a string; nil where this is none.
    public var string: String? { if case .string(let value) = self { value } else { nil } }
    /// The elements of an array; nil where this is none.
    public var array: [JSON]? { if case .array(let value) = self { value } else { nil } }
    /// The members of an object; nil where this is none.
    public var object: [String: JSON]? { if case .object(let value) = self { value } else { nil } }

    /// The value of `key`, where this is an object that has it.
    public subscript(key: String) -> JSON? { object?[key] }
}
