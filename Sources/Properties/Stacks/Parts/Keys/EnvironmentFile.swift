/// Variables of a container as they stand in an `env_file` of compose.
///
///     EnvironmentFile(
///         """
///         # The language of the interface
///         LANGUAGE=de
///         GREETING='good morning'
///         """)
///     EnvironmentFile(from: "files/paperless.env")
///
/// A line is `NAME=VALUE`, or a comment that begins with `#`. A value may be in single quotes, in which everything is
/// itself, or in double quotes, in which `\n`, `\t`, `\"` and `\\` are escapes. An ``Environment`` of the same name
/// outranks it. A value with a secret is an ``Environment`` too: the text of the file is in the compose file.
public struct EnvironmentFile: ContainerPart, Hashable {
    public let content: Content

    /// - Parameter text: the lines of the file.
    public init(_ text: String) { content = Content(text) }

    /// A file of the repository; see ``/Propel/RepositoryFile``.
    /// - Parameter path: relative to the folder of `hosts.conf`.
    public init(from path: String) { content = Content(from: path) }

    public func add(to container: inout Container) {
        guard let bytes = content.bytes else { return container.environmentFiles.append(self) }
        let text = String(decoding: bytes, as: UTF8.self)
        for (index, line) in text.lines.map(\.withoutCarriageReturn).enumerated() {
            do {
                guard let variable = try Self.parse(String(line)) else { continue }
                container.fileVariables.append(variable)
            } catch {
                container.addProblem("line \(index + 1) \(error)", of: "EnvironmentFile")
            }
        }
    }

    struct Problem: Error, CustomStringConvertible { let description: String }

    /// - Returns: nil for a line without a variable.
    static func parse(_ line: String) throws(Problem) -> Environment? {
        var line = line.trimmed
        if line.isEmpty || line.begins(with: "#") { return nil }
        if line.hasPrefix("export ") { line = String(line.dropFirst(7)).trimmed }
        guard let (left, right) = line.parts(around: "=") else {
            throw Problem(
                description: "“\(line.escaped)” has no value: compose would take one from its environment; write it")
        }
        let name = left.trimmed
        guard Environment.isName(name) else {
            throw Problem(
                description: "has the invalid name “\(name.escaped)”: use letters, digits, “_”, “.” and “-”")
        }
        return Environment(name, text: try value(right.trimmed))
    }

    private static func value(_ text: String) throws(Problem) -> String {
        guard let quote = text.first, quote == "'" || quote == "\"" else {
            // A comment begins after a blank.
            let end = text.firstRange(of: " #")?.lowerBound ?? text.endIndex
            return try withoutReferences(String(text[..<end]).trimmed)
        }
        var value = "", isEscaped = false, rest = text.dropFirst()
        while let character = rest.popFirst() {
            if isEscaped {
                switch character {
                case "n": value += "\n"
                case "r": value += "\r"
                case "t": value += "\t"
                case "\"", "\\", "$": value.append(character)
                default: value += "\\" + String(character)
                }
                isEscaped = false
            } else if quote == "\"", character == "\\" {
                isEscaped = true
            } else if character == quote {
                let after = String(rest).trimmed
                guard after.isEmpty || after.begins(with: "#") else {
                    throw Problem(description: "has “\(after.escaped)” after the value in quotes")
                }
                return quote == "'" ? value : try withoutReferences(value, of: text)
            } else {
                value.append(character)
            }
        }
        throw Problem(description: "has a \(quote) without another one")
    }

    /// - Throws: ``Problem`` if compose would put another variable in place of `$NAME`.
    private static func withoutReferences(_ value: String, of text: String? = nil) throws(Problem) -> String {
        let bytes = Array((text ?? value).utf8)
        for (index, byte) in bytes.enumerated() where byte == UInt8(ascii: "$") && index + 1 < bytes.count {
            if index > 0, bytes[index - 1] == UInt8(ascii: "\\") { continue }
            let next = bytes[index + 1]
            if next.isASCIILetter || "_{".utf8.contains(next) {
                throw Problem(
                    description: "has “\(value.escaped)”, in which compose would replace a variable: write its value, "
                        + "or single quotes around it")
            }
        }
        return value
    }
}

extension Container {
    /// All variables: those of its files, unless ``Environment`` names them, then its own. Later files outrank earlier
    /// ones.
    mutating func settleVariables() {
        let own = Set(environment.map(\.name))
        var values: [Environment] = []
        for variable in fileVariables where !own.contains(variable.name) {
            if let index = values.firstIndex(where: { $0.name == variable.name }) {
                values[index] = variable
            } else {
                values.append(variable)
            }
        }
        environment = values + environment
        fileVariables = []
    }

    /// The container with the variables of its files of the repository.
    /// - Throws: ``Failure`` if a file does not arrive, or cannot be read.
    func withVariables(on machine: Machine) async throws -> Container {
        guard !environmentFiles.isEmpty else { return self }
        var container = self
        container.environmentFiles = []
        container.partProblems = []
        for file in environmentFiles {
            let path = file.content.repositoryFile?.path ?? ""
            guard let bytes = try await file.content.resolved(on: machine).bytes,
                let text = String(validating: bytes, as: UTF8.self)
            else { throw Failure("\(path) of the container \(name) is not valid UTF-8") }
            EnvironmentFile(text).add(to: &container)
            if let problem = container.partProblems.first {
                throw Failure(
                    "\(path) of the container \(name) cannot be read: \(problem)",
                    advice: "Correct it in the repository.")
            }
        }
        container.settleVariables()
        container.partProblems = partProblems
        return container
    }
}
