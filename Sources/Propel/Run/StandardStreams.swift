enum StandardOutput {
    /// Writes all of `text`. A closed output is no error.
    static func write(_ text: String) { _ = try? FileDescriptor.standardOutput.writeAll(text.utf8) }

    /// Writes an event as a line. A closed output is no error.
    static func write(_ event: Event) { _ = try? FileDescriptor.standardOutput.writeAll(event.json.line) }
}

enum StandardError {
    static func print(_ text: String) { _ = try? FileDescriptor.standardError.writeAll((text + "\n").utf8) }
}
