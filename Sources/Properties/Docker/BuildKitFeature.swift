/// Something in a Dockerfile that only BuildKit can build, or that it builds better.
///
/// <https://docs.docker.com/reference/dockerfile/>
struct BuildKitFeature: Sendable, Equatable {
    /// The line that it begins on, counted from 1.
    let line: Int
    /// As in “RUN --mount”.
    let words: String
    /// Whether docker's classic builder fails on it. If not, it builds something else than BuildKit.
    let isRequired: Bool

    /// The feature of a Dockerfile: the first that the classic builder fails on, else the first one; nil if the
    /// classic builder builds the same.
    /// - Parameter arguments: the names of the arguments that the build gets.
    init?(in dockerfile: [UInt8], arguments: Set<String>) {
        var reader = Reader(arguments: arguments)
        reader.read(String(decoding: dockerfile, as: UTF8.self))
        guard let found = reader.required ?? reader.preferred else { return nil }
        self = found
    }

    private init(line: Int, words: String, isRequired: Bool) {
        self.line = line
        self.words = words
        self.isRequired = isRequired
    }
}

extension BuildKitFeature {
    /// Goes through the instructions, as far as the first that the classic builder fails on.
    private struct Reader {
        /// The arguments that have a value, from the build or from the Dockerfile.
        var arguments: Set<String>
        var required: BuildKitFeature?
        var preferred: BuildKitFeature?
        /// The character that continues an instruction on the next line.
        private var escape: Character = "\\"

        init(arguments: Set<String>) { self.arguments = arguments }

        mutating func read(_ text: String) {
            var isAtTop = true, instruction = "", start = 1
            for (index, line) in text.lines.enumerated() {
                let line = (index == 0 && line.hasPrefix("\u{FEFF}") ? line.dropFirst() : line).trimmed
                if isAtTop, let (name, value) = Self.directive(line), ["syntax", "escape", "check"].contains(name) {
                    obey(name, value, line: index + 1)
                    continue
                }
                isAtTop = false
                // Comments and blank lines do not end an instruction.
                if line.isEmpty || line.begins(with: "#") { continue }
                if instruction.isEmpty { start = index + 1 }
                if line.last == escape {
                    instruction += String(line.dropLast()) + " "
                    continue
                }
                look(at: instruction + line, line: start)
                // What follows a here-document is its text.
                if required != nil { return }
                instruction = ""
            }
            look(at: instruction, line: start)
        }

        /// A parser directive: `# syntax=docker/dockerfile:1`.
        private static func directive(_ line: String) -> (name: String, value: String)? {
            guard line.begins(with: "#"), let (before, after) = line.parts(around: "=") else { return nil }
            let name = before.dropFirst().trimmed, value = after.trimmed
            guard !name.isEmpty, !value.isEmpty, name.utf8.allSatisfy(\.isASCIILetterOrDigit) else { return nil }
            return (name.lowercased(), value)
        }

        private mutating func obey(_ name: String, _ value: String, line: Int) {
            if name == "escape" { escape = value.first ?? escape }
            guard name == "syntax" else { return }
            // The stable syntax says only which version of it there is; the instructions tell what is needed of it.
            let standard = ["docker/dockerfile", "docker.io/docker/dockerfile", "docker/dockerfile-upstream"]
            let isStandard = standard.contains { value == $0 || value.hasPrefix($0 + ":") || value.hasPrefix($0 + "@") }
            if !isStandard || value.firstRange(of: "labs") != nil {
                note("the syntax \(value)", line: line)
            }
        }

        private mutating func note(_ words: String, line: Int, isRequired: Bool = true) {
            let feature = BuildKitFeature(line: line, words: words, isRequired: isRequired)
            if isRequired { required = required ?? feature } else { preferred = preferred ?? feature }
        }

        private mutating func look(at instruction: String, line: Int) {
            var words = instruction.split(whereSeparator: \.isWhitespace)[...]
            var name = words.popFirst()?.uppercased() ?? ""
            if name == "ONBUILD" { name = words.popFirst()?.uppercased() ?? "" }
            let flags = words.prefix { $0.hasPrefix("--") }
            switch name {
            case "RUN", "COPY", "ADD":
                let known = Self.classic[name, default: []]
                for flag in flags.map({ $0.prefix { $0 != "=" } }) where !known.contains(flag) {
                    note("\(name) \(flag)", line: line)
                }
                if Self.hasHereDocument(instruction) { note("a here-document in \(name)", line: line) }
            case "FROM":
                for name in Self.platforms.subtracting(arguments).sorted()
                where instruction.firstRange(of: "$\(name)") != nil || instruction.firstRange(of: "${\(name)}") != nil {
                    note("FROM with $\(name)", line: line)
                }
            case "ARG":
                for word in words {
                    let name = String(word.prefix { $0 != "=" })
                    if word.contains("=") {
                        arguments.insert(name)
                    } else if Self.platforms.contains(name), !arguments.contains(name) {
                        note("ARG \(name)", line: line, isRequired: false)
                    }
                }
            default: break
            }
        }

        /// The flags that the classic builder knows.
        private static let classic: [String: [Substring]] = ["COPY": ["--from", "--chown"], "ADD": ["--chown"]]

        /// The arguments that BuildKit sets by itself, and that are empty in the classic builder.
        private static let platforms: Set<String> = [
            "BUILDPLATFORM", "BUILDOS", "BUILDARCH", "BUILDVARIANT", "TARGETPLATFORM", "TARGETOS", "TARGETARCH",
            "TARGETVARIANT",
        ]

        /// Whether a word outside of quotes begins a here-document.
        private static func hasHereDocument(_ text: String) -> Bool {
            var quote: Character?, isWordStart = true, rest = text[...]
            while let character = rest.first {
                if isWordStart, beginsHereDocument(rest) { return true }
                if character == "\\" { rest = rest.dropFirst() }
                if quote == character {
                    quote = nil
                } else if quote == nil, character == "'" || character == "\"" {
                    quote = character
                }
                isWordStart = quote == nil && character.isWhitespace
                rest = rest.dropFirst()
            }
            return false
        }

        /// As `<<EOF`, `<<-'end'` and `3<<EOF` do. A here-string has three `<`.
        private static func beginsHereDocument(_ text: Substring) -> Bool {
            var rest = text.drop { $0.isASCII && $0.isNumber }
            guard rest.hasPrefix("<<") else { return false }
            rest = rest.dropFirst(2)
            if rest.first == "-" { rest = rest.dropFirst() }
            guard let first = rest.first else { return false }
            return first.isLetter || first == "_" || first == "\"" || first == "'"
        }
    }
}
