extension Container {
    /// The command that a container is started with, in place of the one of its image (`CMD`).
    ///
    ///     Container.Command("serve", "--greeting=Hello world")
    ///
    /// It is visible to everybody who may ask docker, and in the list of processes: it takes no secret. Give the
    /// program a variable or a ``ConfigurationFile`` instead.
    public struct Command: ContainerPart, Hashable {
        public let words: [String]
        private let problem: String?

        /// - Parameter words: the words, none of which a shell looks at: `$HOME` and `*` are themselves.
        public init(_ words: String...) { self.init(words) }

        /// - Parameter words: the words, none of which a shell looks at.
        public init(_ words: [String]) {
            self.words = words
            problem = nil
        }

        /// A command line, split into words at blanks as compose splits it: quotes and backslashes keep words
        /// together, and nothing is replaced.
        public init(line: String) { (words, problem) = CommandLineWords.split(line) }

        @available(
            *, unavailable,
            message: "everybody on the machine can read a command: pass a secret as a variable or a ConfigurationFile"
        )
        public init(_ secret: Secret) { self.init() }

        public func add(to container: inout Container) {
            container.command = self
            container.addProblem(problem, of: "Container.Command")
        }
    }
}

/// The program that a container starts, in place of the one of its image (`ENTRYPOINT`). The command of the image no
/// longer counts then; that of a ``Container/Command`` follows as arguments.
///
///     Entrypoint("/bin/sh", "-c", "sleep 5; exec serve")
///     Entrypoint(line: "/docker-entrypoint.sh --verbose")
///
/// It is visible to everybody who may ask docker: it takes no secret.
public struct Entrypoint: ContainerPart, Hashable {
    public let words: [String]
    private let problem: String?

    /// - Parameter words: the program and its first arguments, none of which a shell looks at.
    public init(_ words: String...) { self.init(words) }

    /// - Parameter words: the program and its first arguments, none of which a shell looks at.
    public init(_ words: [String]) {
        self.words = words
        problem = words.isEmpty ? "it has no program: leave it out to start that of the image" : nil
    }

    @available(
        *, unavailable,
        message: "everybody on the machine can read a command: pass a secret as a variable or a ConfigurationFile"
    )
    public init(_ secret: Secret) { self.init() }

    /// A command line, split into words as that of ``Container/Command/init(line:)``.
    public init(line: String) {
        let split = CommandLineWords.split(line)
        words = split.words
        problem = split.problem ?? (words.isEmpty ? "it has no program: leave it out to start that of the image" : nil)
    }

    public func add(to container: inout Container) {
        container.add("entrypoint", .list(words.map(YAML.text)), of: "Entrypoint")
        container.addProblem(problem, of: "Entrypoint")
    }
}

extension Container {
    /// Notes a problem of a part, if there is one.
    mutating func addProblem(_ problem: String?, of part: String) {
        if let problem { partProblems.append("\(part): \(problem)") }
    }
}

/// The words of a command line, as both composes split it (shlex of Python, shellwords of Go).
enum CommandLineWords {
    /// - Returns: the words, and the problem of the line if it has one.
    static func split(_ line: String) -> (words: [String], problem: String?) {
        var words: [String] = [], word: String?, quote: Character?, isEscaped = false
        for character in line {
            if isEscaped {
                // Within double quotes a backslash stays before any other character.
                if quote == "\"", character != "\"", character != "\\" { word = (word ?? "") + "\\" }
                word = (word ?? "") + String(character)
                isEscaped = false
            } else if character == "\\", quote != "'" {
                isEscaped = true
            } else if let open = quote {
                if character == open { quote = nil } else { word = (word ?? "") + String(character) }
            } else if character == "'" || character == "\"" {
                quote = character
                word = word ?? ""
            } else if character.isWhitespace {
                if let complete = word { words.append(complete) }
                word = nil
            } else {
                word = (word ?? "") + String(character)
            }
        }
        if let word { words.append(word) }
        if let quote { return (words, "“\(line.escaped)” has a \(quote) without another one") }
        return (words, isEscaped ? "“\(line.escaped)” ends with a backslash" : nil)
    }
}
