extension Container {
    /// The command that a container is started with, in place of the one of its image (`CMD`).
    ///
    ///     Container.Command("serve", "--greeting=Hello world")
    ///
    /// It is visible to everybody who may ask docker, and in the list of processes. Give the program a secret as a
    /// variable or a ``ConfigurationFile``; where it takes neither, say that everybody may read it:
    ///
    ///     Container.Command(revealing: "redis-server", "--requirepass", "\(Secret("redis-password"))")
    public struct Command: ContainerPart, Hashable {
        /// The words, with names in place of secrets.
        public let words: [String]
        /// The words if there are secrets in them; empty otherwise.
        let secretWords: [Content]
        private let problem: String?

        /// - Parameter words: the words, none of which a shell looks at: `$HOME` and `*` are themselves.
        public init(_ words: String...) { self.init(words) }

        /// - Parameter words: the words, none of which a shell looks at.
        public init(_ words: [String]) {
            self.words = words
            secretWords = []
            problem = nil
        }

        /// Words with secrets, which everybody on the machine can read in the list of processes.
        ///
        /// They are not in the compose file, but in another beside it that only root can read.
        /// - Parameter words: the words, none of which a shell looks at.
        public init(revealing words: Content...) { self.init(revealing: words) }

        /// Words with secrets; see ``init(revealing:)-(Content...)``.
        /// - Parameter words: the words, none of which a shell looks at.
        public init(revealing words: [Content]) {
            self.words = words.map(\.described)
            problem = words.problem
            secretWords = words.hasSecrets || problem != nil ? words : []
        }

        /// A command line, split into words at blanks as compose splits it: quotes and backslashes keep words
        /// together, and nothing is replaced.
        public init(line: String) {
            (words, problem) = CommandLineWords.split(line)
            secretWords = []
        }

        @available(
            *, unavailable,
            message: "everybody on the machine can read a command: pass a secret as a variable or a ConfigurationFile"
        )
        public init(_ secret: Secret) { self.init([String]()) }

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
///     Entrypoint.none
///
/// It is visible to everybody who may ask docker, and in the list of processes. As with ``Container/Command``, one with
/// secrets says that everybody may read them: `Entrypoint(revealing: …)`.
public struct Entrypoint: ContainerPart, Hashable {
    /// The words, with names in place of secrets.
    public let words: [String]
    /// The words if there are secrets in them; empty otherwise.
    private let secretWords: [Content]
    private let problem: String?

    private static let noProgram = "it has no program: leave it out to start that of the image"

    private init(_ words: [String], _ secretWords: [Content], _ problem: String?) {
        self.words = words
        self.secretWords = secretWords
        self.problem = problem
    }

    /// - Parameter words: the program and its first arguments, none of which a shell looks at.
    public init(_ words: String...) { self.init(words) }

    /// - Parameter words: the program and its first arguments, none of which a shell looks at.
    public init(_ words: [String]) { self.init(words, [], words.isEmpty ? Self.noProgram : nil) }

    /// A program with secrets in its arguments, which everybody on the machine can read in the list of processes.
    ///
    /// They are not in the compose file, but in another beside it that only root can read.
    /// - Parameter words: the program and its first arguments, none of which a shell looks at.
    public init(revealing words: Content...) { self.init(revealing: words) }

    /// A program with secrets in its arguments; see ``init(revealing:)-(Content...)``.
    /// - Parameter words: the program and its first arguments, none of which a shell looks at.
    public init(revealing words: [Content]) {
        let problem = words.isEmpty ? Self.noProgram : words.problem
        self.init(words.map(\.described), words.hasSecrets || problem != nil ? words : [], problem)
    }

    @available(
        *, unavailable,
        message: "everybody on the machine can read a command: pass a secret as a variable or a ConfigurationFile"
    )
    public init(_ secret: Secret) { self.init([String]()) }

    /// A command line, split into words as that of ``Container/Command/init(line:)``.
    public init(line: String) {
        let split = CommandLineWords.split(line)
        self.init(split.words, [], split.problem ?? (split.words.isEmpty ? Self.noProgram : nil))
    }

    /// No entry point, not even that of the image: the command itself is the program.
    public static let none = Entrypoint([], [], nil)

    public func add(to container: inout Container) {
        container.addProblem(problem, of: "Entrypoint")
        guard !secretWords.isEmpty || !container.secretEntrypoint.isEmpty else {
            return container.add("entrypoint", .list(words.map(YAML.text)), of: "Entrypoint")
        }
        if container.value(of: "entrypoint") != nil || !container.secretEntrypoint.isEmpty {
            container.addProblem("it is there twice: keep one", of: "Entrypoint")
        }
        container.secretEntrypoint = secretWords
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
