import Testing

@testable import Propel

/// The journal of a run as it is read while it grows.
@Suite struct JournalTests {
    private let folder: TemporaryDirectory
    private let path: FilePath
    private let file: FileDescriptor

    init() throws {
        folder = try TemporaryDirectory()
        path = folder.path.appending("journal")
        file = try FileDescriptor.open(
            path, .writeOnly, options: [.create, .append], permissions: [.ownerReadWrite])
    }

    private func write(_ text: String) throws { if !text.isEmpty { _ = try file.writeAll(Array(text.utf8)) } }

    @Test func `only whole lines are read, each once`() throws {
        defer { try? file.close() }
        var reader = try JournalReader(path: path)
        let long = String(repeating: "x", count: 200_000)
        let steps: [(written: String, read: String)] = [
            ("", ""), ("one\ntw", "one\n"), ("", ""), ("o", ""), ("\nthree\n", "two\nthree\n"),
            (long, ""), (long + "\n\nhalf", long + long + "\n\n"), ("\n", "half\n"),
        ]
        for (index, step) in steps.enumerated() {
            try write(step.written)
            let read = String(decoding: reader.newLines(), as: UTF8.self)
            #expect(read == step.read, "\(index)")
        }
    }

    @Test func `events are added to what is there`() throws {
        try write("before\n")
        try file.close()
        let events = ["a", "b"].map { Event.property(PropertyReport(path: $0, status: .ok)) }
        for event in events { try Journal(appendingTo: path).append(event) }
        let lines = events.map { $0.json.description + "\n" }
        #expect(try LocalFileSystem().text(path) == "before\n" + lines.joined())
    }
}
