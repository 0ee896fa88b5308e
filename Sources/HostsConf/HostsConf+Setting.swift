extension HostsConf {
    /// `text` with the string `value` for `key` in the entry of `host`; every other byte stays as it is.
    ///
    /// A key that is missing is put behind the last one that stands under the entry's header. A key that has the value
    /// already leaves the text as it is, however the value is written there.
    ///
    /// - Parameter file: The name of the file, for errors.
    /// - Throws: ``Errors`` where `text` is no TOML, ``UnknownHost`` where it has no table `host`, and ``CannotSet`` where
    ///   `key` is no single value there.
    public static func setting(
        _ key: String, of host: String, to value: String, in text: String, file: String = "hosts.conf"
    ) throws -> String {
        guard !value.unicodeScalars.contains("\0"), !key.unicodeScalars.contains("\0") else {
            throw CannotSet(key: key, host: host, reason: "a value cannot hold a NUL character")
        }
        let document = try Document(parsing: text, file: file)
        let outline = document.outline
        guard let section = outline.sections.first(where: { $0.header?.path == [host] && !$0.isArrayElement }) else {
            let names = outline.sections.compactMap { $0.header?.path.count == 1 ? $0.header?.path[0] : nil }
            throw UnknownHost(name: host, file: file, known: names.filter { $0 != FileReader.policyTable })
        }
        guard case .table(let table)? = document.root[host] else {
            throw CannotSet(key: key, host: host, reason: "its entry is no table")
        }
        if table[key] == .string(value) { return text }

        var bytes = document.bytes
        if let assignment = section.assignments.first(where: { $0.key.path == [key] }) {
            bytes.replaceSubrange(assignment.value, with: TOMLText.string(value).utf8)
        } else if table[key] != nil {
            throw CannotSet(key: key, host: host, reason: "it is a table there, not a value")
        } else {
            insert("\(TOMLText.key(key)) = \(TOMLText.string(value))", at: section, into: &bytes)
        }
        let result = String(decoding: bytes, as: UTF8.self)

        // Whatever the positions said: the result must be what was asked for, and nothing but that.
        var expected = document.root
        var changed = table
        changed[key] = .string(value)
        expected[host] = .table(changed)
        guard try Document(parsing: result, file: file).root == expected else {
            throw CannotSet(
                key: key, host: host, reason: "the file is written in a way that cannot be edited; edit it by hand")
        }
        return result
    }

    /// A new line below the last key of `section`, indented as that is and with the end of line that the file uses.
    private static func insert(_ line: String, at section: TOMLOutline.Section, into bytes: inout [UInt8]) {
        let newline = UInt8(ascii: "\n")
        let last = section.assignments.last
        let anchor = last?.value.upperBound ?? section.headerEnd
        let lineEnd = bytes[anchor...].firstIndex(of: newline) ?? bytes.endIndex

        var indentation: ArraySlice<UInt8> = []
        let keyLineStart = last.map { start(ofLine: $0.line, in: bytes) } ?? lineEnd
        indentation = bytes[keyLineStart...].prefix { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }

        let usesCRLF = bytes.firstIndex(of: newline).map { $0 > 0 && bytes[$0 - 1] == UInt8(ascii: "\r") } ?? false
        let ending: [UInt8] = usesCRLF ? [UInt8(ascii: "\r"), newline] : [newline]
        if lineEnd == bytes.endIndex {
            // The last line of the file has no end: it gets one, and the new last line has none, as before.
            bytes += ending + indentation + Array(line.utf8)
        } else {
            bytes.insert(contentsOf: indentation + Array(line.utf8) + ending, at: lineEnd + 1)
        }
    }

    private static func start(ofLine line: Int, in bytes: [UInt8]) -> Int {
        var start = 0
        for _ in 1..<max(line, 1) {
            guard let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) else { break }
            start = end + 1
        }
        return start
    }

    /// A key of an entry cannot be set.
    public struct CannotSet: Error, Equatable, CustomStringConvertible {
        public let key: String
        public let host: String
        /// Why, in a few words.
        public let reason: String

        public var description: String {
            "cannot set \(key.debugDescription) of \(host.debugDescription): \(reason)"
        }
    }
}
