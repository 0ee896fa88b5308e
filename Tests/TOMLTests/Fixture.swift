import Testing

@testable import TOML

/// A document and its values in the notation of `notation(_:)`.
struct Valid: Sendable, CustomTestStringConvertible {
    let text: String
    let values: String
    init(_ text: String, _ values: String) {
        self.text = text
        self.values = values
    }
    var testDescription: String { text.debugDescription }
}

/// A document with an error, its line and column, and a part of its message.
struct Invalid: Sendable, CustomTestStringConvertible {
    let text: String
    let place: String
    let message: String
    init(_ text: String, at place: String, _ message: String = "") {
        self.text = text
        self.place = place
        self.message = message
    }
    var testDescription: String { text.debugDescription }
}

func check(_ valid: Valid) throws {
    #expect(try notation(Document(parsing: valid.text).root) == valid.values)
}

func check(_ invalid: Invalid) {
    do {
        let document = try Document(parsing: invalid.text)
        Issue.record("accepted as \(notation(document.root))")
    } catch {
        #expect("\(error.position.line):\(error.position.column)" == invalid.place, "\(error)")
        #expect(error.message.contains(invalid.message), "\(error)")
        #expect(!error.message.isEmpty)
    }
}

/// A table with its keys in order, every value in a form that shows its type.
func notation(_ table: Table) -> String {
    let entries = table.entries.map { ($0.key.name, notation($0.value)) }.sorted { $0.0 < $1.0 }
    return "{" + entries.map { "\($0.0.debugDescription): \($0.1)" }.joined(separator: ", ") + "}"
}

func notation(_ value: Value) -> String {
    switch value.content {
    case .string(let text): text.debugDescription.replacing(#"\'"#, with: "'")
    case .integer(let number): "\(number)"
    case .float(let number): "\(number)"
    case .boolean(let flag): "\(flag)"
    case .dateTime(let dateTime): notation(dateTime)
    case .array(let elements): "[" + elements.map(notation).joined(separator: ", ") + "]"
    case .table(let table): notation(table)
    }
}

private func notation(_ dateTime: DateTime) -> String {
    func date(_ date: DateTime.Date) -> String { "\(date.year)-\(date.month)-\(date.day)" }
    func time(_ time: DateTime.Time) -> String {
        "\(time.hour):\(time.minute):\(time.second)" + (time.nanosecond == 0 ? "" : ".\(time.nanosecond)ns")
    }
    return switch dateTime {
    case .offset(let day, let clock, let minutes):
        "\(date(day)) \(time(clock)) UTC\(minutes < 0 ? "" : "+")\(minutes)min"
    case .local(let day, let clock): "\(date(day)) \(time(clock))"
    case .date(let day): date(day)
    case .time(let clock): time(clock)
    }
}
