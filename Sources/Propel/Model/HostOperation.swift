/// Something done with a host or asked of it on request: a backup, a restore, a list of backups.
public struct HostOperation: Sendable, Hashable {
    public var name: String
    public var arguments: [String: String]

    public init(_ name: String, arguments: [String: String] = [:]) {
        self.name = name
        self.arguments = arguments
    }
}

/// A property with operations.
public protocol Operable: Property {
    /// The properties that an operation consists of; nil if it is not an operation of this property. They are planned
    /// and applied like all others.
    /// - Throws: ``Failure`` if the arguments are invalid.
    func declarations(for operation: HostOperation) throws -> [Declaration]?

    /// Answers a question; nil if it is not a question for this property. Only reads.
    func answer(to question: HostOperation, on machine: Machine) async throws -> JSON?

    /// The files that an operation sends to another host or receives from it; nil if it is not an operation of this
    /// property.
    func transfer(for operation: HostOperation, on machine: Machine) async throws -> FileTransfer?
}

extension Host {
    /// The same machine with the properties of an operation.
    /// - Throws: ``Failure`` if no property has the operation.
    func performing(_ operation: HostOperation) throws -> Host {
        if let names = try operation.forgottenToRemove {
            let removals = names.map { name in
                ForgottenRemoval(given: name, declared: claimedSubjects(in: repository))
                    .declaration(at: SourcePlace(fileID: "Propel/ForgottenRemoval.swift", line: 1))
            }
            return performing(removals)
        }
        let declarations = try steps.compactMap { try ($0.property as? any Operable)?.declarations(for: operation) }
            .flatMap(\.self)
        guard !declarations.isEmpty else { throw Self.failure(operation, on: name) }
        var host = performing(declarations)
        host.repository = repository
        return host
    }

    private func performing(_ declarations: [Declaration]) -> Host {
        var host = Host(name: name, declarations: declarations, platform: platform, includes: includes)
        host.isDescription = false
        return host
    }

    /// The answers of the properties to a question.
    /// - Throws: ``Failure`` if no property answers it.
    func answers(to question: HostOperation, on machine: Machine) async throws -> [JSON] {
        if question.isQuestionForForgotten {
            let found = try await PlacedRecord(on: machine).forgotten(
                besides: claimedSubjects(in: repository), on: machine)
            return [.array(found.map(\.json))]
        }
        var answers: [JSON] = []
        for step in steps {
            if let answer = try await (step.property as? any Operable)?.answer(to: question, on: machine) {
                answers.append(answer)
            }
        }
        guard !answers.isEmpty else { throw Self.failure(question, on: name) }
        return answers
    }

    /// The files that an operation sends to another host or receives from it.
    /// - Throws: ``Failure`` if no property has the operation.
    func transfer(for operation: HostOperation, on machine: Machine) async throws -> FileTransfer {
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
        self.init(try json.text("name"), arguments: try json.textsByName("arguments"))
    }
}
