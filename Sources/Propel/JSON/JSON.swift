/// A JSON value (RFC 8259).
///
/// Implemented here because FoundationEssentials would double the size of `propel-enforce`, which is uploaded to every
/// machine.
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
    /// The Boolean value; nil if this is something else.
    public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
    /// The value of a number that is written without fraction and exponent; nil if this is something else.
    public var integer: Int? { if case .integer(let value) = self { value } else { nil } }
    /// The string value; nil if this is something else.
    public var string: String? { if case .string(let value) = self { value } else { nil } }
    /// The elements of an array; nil if this is something else.
    public var array: [JSON]? { if case .array(let value) = self { value } else { nil } }
    /// The members of an object; nil if this is something else.
    public var object: [String: JSON]? { if case .object(let value) = self { value } else { nil } }

    /// The value of a member; nil if this is not an object that has it.
    public subscript(key: String) -> JSON? { object?[key] }
}
