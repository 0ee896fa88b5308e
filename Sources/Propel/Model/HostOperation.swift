/// Something that is done with a host when somebody asks for it, beside making it be as described: a backup, a restoration. Or
/// something that is asked of it: which backups there are.
public struct HostOperation: Sendable, Hashable {
    public var name: String
    public var arguments: [String: String]

    public init(_ name: String, arguments: [String: String] = [:]) {
        self.name = name
        self.arguments = arguments
    }
}

/// A property with which more can be done than to make it hold.
public protocol Operable: Property {
    /// What an operation consists of: properties, which are planned and made to hold as all others. nil where it is none of its own.
    /// - Throws: ``Failure`` where the arguments make no sense.
    func declarations(for operation: HostOperation) throws -> [Declaration]?

    /// What it answers to a question; nil where that is none of its own. Only reads.
    func answer(to question: HostOperation, on machine: Machine) async throws -> JSON?

    /// The files that go to another host for an operation, or come from there; nil where it is none of its own.
    func transfer(for operation: HostOperation, on machine: Machine) async throws -> Transfer?
}

extension Host {
    /// The same machine, as it is to be for an operation.
    /// - Throws: ``Failure`` where it has nothing that this can be done with.
    func performing(_ operation: HostOperation) throws -> Host {
        let declarations = try steps.compactMap { try ($0.property as? any Operable)?.declarations(for: operation) }
            .flatMap(\.self)
        guard !declarations.isEmpty else { throw Self.failure(operation, on: name) }
        return Host(name: name, declarations: declarations, platform: platform, includes: includes)
    }

    /// What its properties answer.
    /// - Throws: ``Failure`` where it has nothing that could be asked that.
    func answers(to question: HostOperation, on machine: Machine) async throws -> [JSON] {
        var answers: [JSON] = []
        for step in steps {
            if let answer = try await (step.property as? any Operable)?.answer(to: question, on: machine) {
                answers.append(answer)
            }
        }
        guard !answers.isEmpty else { throw Self.failure(question, on: name) }
        return answers
    }

    /// The files that go to another host, or come from there.
    /// - Throws: ``Failure`` where it has none for that.
    func transfer(for operation: HostOperation, on machine: Machine) async throws -> Transfer {
        for step in steps {
            if let transfer = try await (step.property as? any Operable)?.transfer(for: operation, on: machine) {
                return transfer
            }
        }
        throw Self.failure(operation, on: name)
    }

    private static func failure(_ operation: HostOperation, on name: String) -> Failure {
        let stack = operation.arguments["stack"].map { " called \($0)" } ?? ""
        return Failure(
            "\(name) has nothing\(stack) for “\(operation.name)”", advice: "`propel show \(name)` lists what it has.")
    }
}

extension HostOperation {
    var json: JSON { ["name": .string(name), "arguments": .object(arguments.mapValues(JSON.string))] }

    init(_ json: JSON) throws {
        self.init(
            try json.text("name"),
            arguments: try (try json.member("arguments").object ?? [:]).mapValues { value in
                guard let text = value.string else { throw MalformedMessage(message: json.description) }
                return text
            })
    }
}
