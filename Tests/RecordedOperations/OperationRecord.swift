import Foundation
import Synchronization

/// The operations of a test on record, in `Tests/Records/MODULE/FILE.txt`.
struct OperationRecord {
    /// The operations of each case, as ``OperationText`` writes them.
    var cases: [[String]] = []
    /// The contents of files are other ones each time: there are tokens, process IDs or salts in them.
    var hasOtherContents = false
    /// The operations themselves are other ones each time: nothing is compared.
    var isVarying = false

    /// The first difference in words; nil if there is none.
    func difference(from operations: [String]) -> String? {
        if isVarying { return nil }
        let text = OperationText(hasOtherContents ? OperationText.withoutContents(operations) : operations)
        let known = cases.isEmpty ? [[]] : cases
        guard !known.contains(text.lines) else { return nil }
        func common(_ lines: [String]) -> Int { zip(lines, text.lines).prefix { $0 == $1 }.count }
        func difference(_ lines: [String]) -> Int { abs(lines.count - text.lines.count) }
        // Of a test with several cases the one that is most like this.
        let closest = known.max { (common($0), -difference($0)) < (common($1), -difference($1)) } ?? []
        let index = common(closest)
        let place = text.place(of: index)
        return "on record, \(place.words) on the machine: \(index < closest.count ? closest[index] : "none")\nnow: "
            + (place.operations.isEmpty ? "none" : place.operations.joined(separator: "\n     "))
    }

    // MARK: - Files

    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Records")
    private static let loaded = Mutex<[String: [String: OperationRecord]]>([:])

    /// The record of a test; an empty one, as of a test without operations, if there is none.
    static func of(_ test: String, in file: String) -> OperationRecord {
        loaded.withLock { loaded in
            if let records = loaded[file] { return records[test] ?? OperationRecord() }
            let text = try? String(contentsOf: folder.appending(path: "\(file).txt"), encoding: .utf8)
            let records = parse(text ?? "")
            loaded[file] = records
            return records[test] ?? OperationRecord()
        }
    }

    /// - Parameter text: for each test a line `# NAME`, then the lines of its operations, indented; a line `or` between
    ///   its cases.
    static func parse(_ text: String) -> [String: OperationRecord] {
        var records: [String: OperationRecord] = [:]
        for part in ("\n" + text).split(separator: "\n# ") {
            let lines = part.split(separator: "\n").map(String.init)
            guard let name = lines.first else { continue }
            var record = OperationRecord(cases: [[]])
            for line in lines.dropFirst() {
                switch line {
                case "or": record.cases.append([])
                case "without contents": record.hasOtherContents = true
                case "varying": record.isVarying = true
                default: record.cases[record.cases.count - 1].append(String(line.dropFirst(2)))
                }
            }
            records[name] = record
        }
        return records
    }

    /// Writes the operations of one case for `Scripts/record-operations`: with the contents of files, and without.
    static func write(_ operations: [String], of test: String, in folder: URL) throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let others = OperationText.withoutContents(operations)
        let parts = [[test], OperationText(operations).lines, OperationText(others).lines]
        let text = parts.map { $0.joined(separator: "\n") }.joined(separator: "\n\n")
        try text.write(to: folder.appending(path: UUID().uuidString), atomically: true, encoding: .utf8)
    }
}
