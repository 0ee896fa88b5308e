/// A template of the repository: a file with placeholders such as `@@domain@@`, and their values.
///
///     File("/etc/app.conf", Template("files/app.conf", ["domain": "example.com", "password": "\(Secret("db"))"]))
///
/// A name has letters, digits, `_` and `-`, and begins with a letter or `_`. Everything else is taken as it is: `$x`,
/// `${x}`, `{{ x }}`, `%i`, `@{x}`, `@x@`. `@@@@domain@@` stands for `@@domain@@`. Values are inserted byte for byte,
/// without quoting, and are not looked at again. There are no conditions and loops: that is what Swift is for.
///
/// A placeholder without a value, and a value without a placeholder, are problems that are found before any machine is
/// touched. The file has at most 256 KiB.
public struct Template: Sendable, Hashable {
    public let file: RepositoryFile
    /// The values by the names of the placeholders.
    public let values: [String: Content]

    /// The size limit of the file in bytes: 256 KiB.
    public static let sizeLimit = 256 << 10

    /// - Parameters:
    ///   - path: relative to the folder of `hosts.conf`.
    ///   - values: what stands for each placeholder, with secrets, facts and files of the repository; none by default.
    public init(_ path: String, _ values: [String: Content] = [:]) {
        file = RepositoryFile(path)
        self.values = values
    }

    /// The values in the order of their names.
    var contents: [Content] { values.sorted { $0.key < $1.key }.map(\.value) }

    /// A string that is different for every template, without the plaintexts.
    var fingerprint: String {
        let values = values.map { "\($0.key)=\(StepOutline.hash(Array($0.value.fingerprint.utf8)))" }
        return "\(file.path)(\(values.sorted().joined(separator: ",")))"
    }

    /// The problems of the file with these values, with its lines.
    /// - Parameter bytes: the content of the file.
    public func problems(in bytes: [UInt8]) -> [String] {
        guard bytes.count <= Self.sizeLimit else {
            return ["\(file.path.escaped) has \(bytes.count) bytes: a template has at most \(Self.sizeLimit)"]
        }
        let text = TemplateText(bytes)
        let unfilled = text.placeholders.filter { values[$0.name] == nil }.map { name, line in
            """
            \(file.path.escaped):\(line): no value for @@\(name)@@
              Give one: Template("\(file.path.escaped)", ["\(name)": …]). \
            A literal @@\(name)@@ is written @@@@\(name)@@.
            """
        }
        let used = Set(text.placeholders.map(\.name))
        let unused = values.keys.filter { !used.contains($0) }.sorted().map { name in
            TemplateText.isName(name)
                ? "\(file.path.escaped) has no @@\(name.escaped)@@: its value is not used"
                : "invalid name of a value “\(name.escaped)”: use letters, digits, _ and -, the first a letter or _"
        }
        return unfilled + unused
    }
}

/// The text of a template in its parts.
struct TemplateText: Equatable {
    enum Part: Equatable {
        case bytes([UInt8])
        /// A placeholder with the line that it is in, counted from 1.
        case placeholder(String, line: Int)
    }

    private(set) var parts: [Part] = []

    private static let at = UInt8(ascii: "@")

    init(_ bytes: [UInt8]) {
        var plain: [UInt8] = [], line = 1, index = 0
        while index < bytes.count {
            if Self.isMark(bytes, index), Self.isMark(bytes, index + 2), let end = Self.end(ofNameAt: index + 4, bytes)
            {
                plain += bytes[index + 2..<end + 2]
                index = end + 2
            } else if Self.isMark(bytes, index), let end = Self.end(ofNameAt: index + 2, bytes) {
                if !plain.isEmpty { parts.append(.bytes(plain)) }
                plain = []
                parts.append(.placeholder(String(decoding: bytes[index + 2..<end], as: UTF8.self), line: line))
                index = end + 2
            } else {
                if bytes[index] == UInt8(ascii: "\n") { line += 1 }
                plain.append(bytes[index])
                index += 1
            }
        }
        if !plain.isEmpty { parts.append(.bytes(plain)) }
    }

    /// The placeholders in their order.
    var placeholders: [(name: String, line: Int)] {
        parts.compactMap { part in if case .placeholder(let name, let line) = part { (name, line) } else { nil } }
    }

    /// The text with values in the places of the placeholders.
    /// - Throws: ``Failure`` if there is no value for one.
    func filled(with values: [String: Content]) throws -> Content {
        var content: Content = ""
        for part in parts {
            switch part {
            case .bytes(let bytes): content = content + Content(bytes)
            case .placeholder(let name, let line):
                guard let value = values[name] else { throw Failure("no value for @@\(name)@@ in line \(line)") }
                content = content + value
            }
        }
        return content
    }

    /// Whether a string can be the name of a placeholder.
    static func isName(_ text: String) -> Bool { end(ofNameAt: 0, Array(text.utf8) + [at, at]) == text.utf8.count }

    private static func isMark(_ bytes: [UInt8], _ index: Int) -> Bool {
        index + 1 < bytes.count && bytes[index] == at && bytes[index + 1] == at
    }

    /// The end of a name that is followed by a mark; nil if there is no name.
    private static func end(ofNameAt start: Int, _ bytes: [UInt8]) -> Int? {
        guard start < bytes.count, bytes[start].isASCIILetter || bytes[start] == UInt8(ascii: "_") else { return nil }
        let end = bytes[start...].firstIndex {
            !$0.isASCIILetterOrDigit && $0 != UInt8(ascii: "_") && $0 != UInt8(ascii: "-")
        }
        return end.flatMap { isMark(bytes, $0) ? $0 : nil }
    }
}
