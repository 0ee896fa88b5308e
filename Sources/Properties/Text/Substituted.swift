/// A replacement of all that a regular expression matches in the lines of a text file.
///
///     Substituted("/etc/default/grub", "^#?(GRUB_TIMEOUT)=.*", with: #"\1=1"#)
///     Substituted("/etc/app/config.xml", "<port>[0-9]+</port>", with: "<port>8080</port>")
///
/// Each match in each line is replaced, as sed(1) does with `s/…/…/g` and `-E`. For what ``Setting``, ``Line`` and
/// ``Replaced`` cannot say. The next run must leave a line that is replaced as it is: otherwise that is a failure, and
/// nothing is changed. If no line matches, one must have what a replacement makes: else that is a failure too, since
/// the file is another one than was thought. Only of a replacement that is empty, or groups alone, that cannot be told.
public struct Substituted: TextEditing {
    public typealias Target = UnixLike

    public let path: FilePath
    public let pattern: String
    public let replacement: String
    public let validation: (@Sendable (FilePath) -> Invocation)?

    /// - Parameters:
    ///   - path: absolute: the file. It must exist, or be declared before.
    ///   - pattern: an extended regular expression of POSIX (regex(7)), compared with one line, without its newline.
    ///     A dot is one character, whatever its number of bytes. Where it matches no character nothing is replaced.
    ///   - replacement: the text in place of a match: `\1` to `\9` are what the groups of the expression matched, `\0`
    ///     is the whole match, and `\\` a backslash. Empty to leave it out.
    ///   - validation: the program that must exit with 0 before the new content is put in place, given the path of the
    ///     candidate.
    public init(
        _ path: FilePath, _ pattern: String, with replacement: String,
        validation: (@Sendable (FilePath) -> Invocation)? = nil
    ) {
        self.path = path
        self.pattern = pattern
        self.replacement = replacement
        self.validation = validation
    }

    public var name: String { "“\(pattern.shortened)” substituted in \(path)" }
    public var claims: [Claim] {
        [Claim("what matches “\(pattern)” in \(path)", is: "“\(replacement)”")]
    }
    public var problems: [String] { problems(in: validate) }

    /// - Throws: ``Undetermined`` if there is no file yet, ``Failure`` if neither a match nor a replacement occurs, or
    ///   if a line would be replaced by each run.
    public func check(on machine: Machine) async throws -> Check {
        try validate()
        if !ExtendedRegex.knowsCharacters, try machine.files.status(of: path) != nil {
            let bytes = try machine.shared(path).read().bytes + pattern.utf8
            guard bytes.allSatisfy({ $0 < 0x80 }) else {
                throw Failure(
                    "“\(pattern.escaped)” or \(path) has characters that are not ASCII, and this system has no locale "
                        + "C.UTF-8",
                    advice: "Install what has it: libc-bin on Debian.")
            }
        }
        return try await lineReplacement.check(on: machine)
    }

    func validate() throws {
        try validateAbsolute(path)
        for part in [pattern, replacement] where part.utf8.contains(where: { $0 == 0 || $0 == 0x0A || $0 == 0x0D }) {
            throw Failure(
                "“\(part.escaped)” is not within one line of \(path)", advice: "Choose one without a newline.")
        }
        _ = try ExtendedRegex(pattern, template: replacement)
    }

    var edit: TextEdit { lineReplacement.edit }

    private var lineReplacement: LineReplacement {
        // Both are valid if the property is.
        let regex = try? ExtendedRegex(pattern, template: replacement)
        let result = try? ExtendedRegex(ExtendedRegex.result(of: replacement), template: "")
        return LineReplacement(
            path: path, validation: validation, words: (pattern, replacement),
            isFound: { regex?.matches($0) == true }, replacing: { regex?.replacing(in: $0) ?? $0 },
            // Nil if it would match every line.
            isResult: result.map { result in { result.matches($0) } })
    }
}
