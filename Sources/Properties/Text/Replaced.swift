/// A string in a text file with another one in its place, wherever it occurs.
///
///     Replaced("/etc/app/config.xml", "<startBrowser>true</startBrowser>", with: "<startBrowser>false</startBrowser>")
///     Replaced("/usr/share/app/app.js", "status !== 'active'", with: "false").onChange(Service.Restart("app"))
///
/// For a file that has neither settings by name (``Setting``) nor lines that stand alone (``Line``), such as XML or a
/// program, also after an upgrade has brought the former string again. The string is compared as it is and within one
/// line; for a regular expression there is ``Substituted``. If neither of the two strings occurs, that is a failure:
/// the file is another one than was thought.
public struct Replaced: TextEditing {
    public typealias Target = UnixLike

    public let path: FilePath
    public let text: String
    public let replacement: String
    public let validation: (@Sendable (FilePath) -> Invocation)?

    /// - Parameters:
    ///   - path: absolute: the file. It must exist, or be declared before.
    ///   - text: the string, without a newline.
    ///   - replacement: the string in its place, in which it must not occur; empty to leave it out.
    ///   - validation: the program that must exit with 0 before the new content is put in place, given the path of the
    ///     candidate.
    public init(
        _ path: FilePath, _ text: String, with replacement: String,
        validation: (@Sendable (FilePath) -> Invocation)? = nil
    ) {
        self.path = path
        self.text = text
        self.replacement = replacement
        self.validation = validation
    }

    public var name: String { "“\(text.shortened)” replaced in \(path)" }
    public var claims: [Claim] { [Claim("the string “\(text)” in \(path)", is: "“\(replacement)”")] }
    public var problems: [String] { problems(in: validate) }

    /// - Throws: ``Undetermined`` if there is no file yet, ``Failure`` if neither of the strings occurs.
    public func check(on machine: Machine) async throws -> Check {
        try validate()
        return try await lineReplacement.check(on: machine)
    }

    func validate() throws {
        try validateAbsolute(path)
        for part in [text, replacement] where part.utf8.contains(where: { $0 == 0 || $0 == 0x0A || $0 == 0x0D }) {
            throw Failure(
                "“\(part.escaped)” is not within one line of \(path)", advice: "Choose a string without a newline.")
        }
        guard !text.trimmed.isEmpty, !replacement.contains(text) else {
            throw Failure(
                "“\(text.escaped)” of \(path) is empty, or occurs in its replacement “\(replacement.escaped)”",
                advice: "Choose a longer string, which is gone when it is replaced.")
        }
    }

    var edit: TextEdit { lineReplacement.edit }

    private var lineReplacement: LineReplacement {
        LineReplacement(
            path: path, validation: validation, words: (text, replacement), isFound: { $0.contains(text) },
            replacing: { $0.replacing(text, with: replacement) },
            isResult: replacement.isEmpty ? nil : { $0.contains(replacement) })
    }
}
