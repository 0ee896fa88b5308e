/// A replacement within the lines of a text file, as a state: what ``Replaced`` and ``Substituted`` have in common.
struct LineReplacement {
    let path: FilePath
    let validation: (@Sendable (FilePath) -> Invocation)?
    /// The text that is replaced, and the one that takes its place, for messages.
    let words: (old: String, new: String)
    let isFound: (_ line: String) -> Bool
    let replacing: (_ line: String) -> String
    /// Whether a line may be what a replacement has made; nil if that cannot be told from any other.
    let isResult: ((_ line: String) -> Bool)?

    /// - Throws: ``Undetermined`` if there is no file yet, ``Failure`` if no line has either of the two, or if a line
    ///   that is replaced would be replaced again.
    func check(on machine: Machine) async throws -> Check {
        if try machine.files.status(of: path) != nil {
            let lines = try machine.shared(path).read().all
            guard !lines.contains(where: { isFound($0) && !$0.isIntact }) else {
                throw Failure(
                    "a line of \(path) with “\(words.old.escaped)” is not UTF-8",
                    advice: "Convert the file with iconv(1), then run again.")
            }
            if let isResult, !lines.contains(where: { isFound($0) || isResult($0) }) {
                throw Failure(
                    "neither “\(words.old.escaped)” nor “\(words.new.escaped)” is in \(path)",
                    advice: "Look at the file, and declare what it has now.")
            }
            for line in lines where isFound(line) {
                let result = replacing(line)
                guard replacing(result) == result else {
                    throw Failure(
                        "the next run would replace “\(words.old.escaped)” in “\(result.shortened)” of \(path) again",
                        advice: "Choose one that is gone when it is replaced, or that makes the same of it.")
                }
            }
        }
        return try await edit.check(on: machine)
    }

    private func result(of line: String) -> String { isFound(line) ? replacing(line) : line }

    var edit: TextEdit {
        TextEdit(
            path: path, validation: validation,
            change: { lines in
                for index in lines.indices where isFound(lines[index]) && lines[index].isIntact {
                    lines.replace(index, with: replacing(lines[index]))
                }
            },
            undo: { lines, original in
                // For each line the originals that end as it, in their order: several may, and some were never changed.
                var former: [String: [String]] = [:]
                for line in original.all where line.isIntact { former[result(of: line), default: []].append(line) }
                let changed = lines.indices.filter { lines[$0].isIntact && result(of: lines[$0]) != lines[$0] }
                // What stands there as it was is back already.
                for line in changed.map({ lines[$0] }) {
                    if let index = former[result(of: line)]?.firstIndex(of: line) {
                        former[result(of: line)]?.remove(at: index)
                    }
                }
                for index in lines.indices where !changed.contains(index) && lines[index].isIntact {
                    guard let line = former[lines[index]]?.first else { continue }
                    former[lines[index]]?.removeFirst()
                    if line != lines[index] { lines.replace(index, with: line) }
                }
            })
    }
}

extension String {
    /// Whether all bytes of the line were UTF-8: others could not be written back.
    fileprivate var isIntact: Bool { !unicodeScalars.contains("\u{FFFD}") }

    /// The string for a name: its beginning, if it is long, and a hash that tells it from others.
    var shortened: String {
        let words = trimmed.escaped
        return words.count > 60 ? "\(words.prefix(50))… \(SHA256.hash(Array(utf8)).prefix(6))" : words
    }
}
