import Propel

/// The answer of a command: one value, shown to people as text and to programs as lines of JSON.
protocol Report {
    var text: TextOutput { get }
    /// Objects of one line each, made with ``JSON/line(_:_:)``.
    var json: [JSON] { get }
}

/// The parts of a report that a person reads.
struct TextOutput {
    /// Lines on standard output, wrapped to the width of a terminal.
    var lines: [StyledLine] = []
    /// Text that goes to standard output as it is, such as a file.
    var verbatim = ""
    /// Lines on standard error, such as “there are no secrets”: they are no part of the answer.
    var notes: [StyledLine] = []
}

/// The form in which a report is shown.
enum OutputFormat {
    case text
    case json

    init(isJSON: Bool) { self = isJSON ? .json : .text }

    /// Shows the report on standard output, and its notes on standard error.
    func print(_ report: some Report) {
        switch self {
        case .text:
            let text = report.text
            Terminal.output.print(text.lines)
            if !text.verbatim.isEmpty { Terminal.output.write(text.verbatim) }
            Terminal.error.print(text.notes)
        case .json:
            for line in report.json { Terminal.output.print(line.description) }
        }
    }
}

extension JSON {
    /// The version of the lines of JSON. It rises when a program that reads them would have to be changed.
    static let lineVersion = 1

    /// A line of JSON for programs: the members that are not nil, with `kind` and `version`.
    static func line(_ kind: String, _ members: [String: JSON?]) -> JSON {
        .object(
            members.merging(["kind": .string(kind), "version": .integer(lineVersion)]) { $1 }
                .compactMapValues(\.self))
    }

    /// A line of JSON with the members of an object that is about a host.
    static func line(_ kind: String, _ object: JSON, of host: String) -> JSON {
        line(kind, (object.object ?? [:]).mapValues(Optional.some).merging(["host": .string(host)]) { $1 })
    }
}
