/// An answer of a host to a ``StackQuestion``, as enforcer and controller exchange it.
public protocol StackAnswer: Sendable {
    /// Decodes the answer.
    /// - Throws: an error if the JSON is not what ``json`` encodes.
    init(_ json: JSON) throws

    /// The answer in JSON.
    var json: JSON { get }
}

extension Array: StackAnswer where Element: StackAnswer {
    public init(_ json: JSON) throws {
        guard let elements = json.array else { throw Failure("unexpected answer: \(json)") }
        self = try elements.map { try Element($0) }
    }

    public var json: JSON { .array(map(\.json)) }
}

/// A question about the stacks of a host, with the type of its answer. Each stack answers for itself.
public struct StackQuestion<Answer: StackAnswer>: Sendable {
    /// The question as an operation.
    public let operation: StackOperation
}

extension StackQuestion where Answer == [BackupSummary] {
    /// Asks which backups there are.
    public static var backups: StackQuestion { StackQuestion(operation: .listBackups) }
}

extension StackQuestion where Answer == DataOriginAnswer {
    /// Asks of the stacks that have the data of another host how far these have come.
    public static var dataOrigin: StackQuestion { StackQuestion(operation: .dataOrigin) }
}

extension StackQuestion where Answer == DataFormatAnswer {
    /// Asks which format the data may have.
    public static var dataFormat: StackQuestion { StackQuestion(operation: .dataFormat) }
}

/// How far the data that a stack has from another host have come.
public struct DataOriginAnswer: StackAnswer, Hashable {
    /// The name of the stack.
    public var stack: String
    public var state: CloneState

    public init(stack: String, state: CloneState) {
        self.stack = stack
        self.state = state
    }

    public init(_ json: JSON) throws {
        stack = try json.text("stack")
        guard let state = CloneState(rawValue: try json.text("state")) else {
            throw Failure("unexpected answer: \(json)")
        }
        self.state = state
    }

    public var json: JSON { ["stack": .string(stack), "state": .string(state.rawValue)] }
}

/// The format that the data of a stack may have.
public struct DataFormatAnswer: StackAnswer, Hashable {
    /// The name of the stack.
    public var stack: String
    /// The highest `dataFormat` that was started with the data; nil if nothing was ever started.
    public var dataFormat: Int?

    public init(stack: String, dataFormat: Int?) {
        self.stack = stack
        self.dataFormat = dataFormat
    }

    public init(_ json: JSON) throws {
        stack = try json.text("stack")
        dataFormat = json["dataFormat"]?.integer
    }

    public var json: JSON { ["stack": .string(stack), "dataFormat": dataFormat.map(JSON.integer) ?? .null] }
}
