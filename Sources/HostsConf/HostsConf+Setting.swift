import TOML

extension HostsConf {
    /// Sets a key in the entry of a host to a string, or removes it; every other byte of the text stays as it is.
    ///
    /// A missing key is added after the last one below the entry's header. A key that already has the value leaves the
    /// text unchanged, however the value is written there. A key that is removed takes its line with it, also a comment
    /// there.
    ///
    /// - Parameters:
    ///   - value: nil removes the key.
    ///   - file: The name of the file, for errors.
    /// - Throws: ``Errors`` if `text` is not TOML, ``UnknownHost`` if it has no table `host`, and ``CannotSet`` if
    ///   `key` is not a single value there.
    public static func setting(
        _ key: String, of host: String, to value: String?, in text: String, file: String = "hosts.conf"
    ) throws -> String {
        try refuseNUL(in: [key, value], setting: key, of: host)
        let document = try Document(hostsConf: Array(text.utf8), file: file)
        let section = try section(of: host, in: document, file: file)
        let table = document.table(at: [host])
        if case .string(let present)? = table[key]?.content, let value, present.utf8.elementsEqual(value.utf8) {
            return text
        }

        var bytes = document.bytes
        if let assignment = section.assignments.first(where: { $0.names == [key] }) {
            replace(assignment, with: value, in: &bytes)
        } else if table[key] != nil {
            throw CannotSet(key: key, host: host, reason: "it is a table there, not a value")
        } else if let value {
            insert("\(Writing.key(key)) = \(Writing.string(value))", into: section, &bytes)
        }
        let changed = try Document(hostsConf: bytes, file: file)
        guard changed.hasSameValues(as: document, except: key, of: host),
            changed.table(at: [host])[key]?.content == value.map({ .string($0) })
        else { throw CannotSet.byAProgram(key, of: host) }
        return String(decoding: bytes, as: UTF8.self)
    }

    static func refuseNUL(in texts: [String?], setting key: String, of host: String) throws(CannotSet) {
        guard texts.contains(where: { $0?.utf8.contains(0) == true }) else { return }
        throw CannotSet(key: key, host: host, reason: "a value cannot contain NUL")
    }

    /// The section of a host.
    /// - Throws: ``UnknownHost`` if the file does not have it.
    static func section(of host: String, in document: Document, file: String) throws -> Section {
        guard let section = document.sections.first(where: { $0.header?.names == [host] }),
            section.header?.isArrayElement == false
        else {
            let names = document.sections.compactMap { $0.header?.path.count == 1 ? $0.header?.names[0] : nil }
            throw UnknownHost(name: host, file: file, known: names.filter { $0 != FileReader.fleetTable })
        }
        return section
    }

    /// Adds a line after the last key of the section, with its indentation and the kind of newline that the file uses.
    static func insert(_ line: String, into section: Section, _ bytes: inout [UInt8]) {
        let last = section.assignments.last
        let anchor = last?.value.bytes.upperBound ?? section.header?.bytes.upperBound ?? 0
        let lineEnd = bytes[anchor...].firstIndex(of: newline) ?? bytes.endIndex
        let lineStart = last.map { start(ofLineAt: $0.position.offset, in: bytes) } ?? lineEnd
        let indentation = bytes[lineStart...].prefix { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
        let usesCRLF = bytes.firstIndex(of: newline).map { $0 > 0 && bytes[$0 - 1] == UInt8(ascii: "\r") } ?? false
        let ending: [UInt8] = usesCRLF ? [UInt8(ascii: "\r"), newline] : [newline]
        if lineEnd == bytes.endIndex {
            // A file whose last line has no newline keeps it so.
            bytes += ending + indentation + Array(line.utf8)
        } else {
            bytes.insert(contentsOf: indentation + Array(line.utf8) + ending, at: lineEnd + 1)
        }
    }

    /// Replaces the value of an assignment by a string; nil removes the assignment.
    static func replace(_ assignment: Assignment, with value: String?, in bytes: inout [UInt8]) {
        if let value {
            bytes.replaceSubrange(assignment.value.bytes, with: Writing.string(value).utf8)
        } else {
            removeLines(of: assignment, from: &bytes)
        }
    }

    static func removeLines(of assignment: Assignment, from bytes: inout [UInt8]) {
        var start = start(ofLineAt: assignment.position.offset, in: bytes)
        let end = bytes[assignment.value.bytes.upperBound...].firstIndex(of: newline).map { $0 + 1 } ?? bytes.endIndex
        if end == bytes.endIndex, bytes.last != newline, start > 0 {
            // The line before becomes the last one, without a newline as this one was.
            start -= start > 1 && bytes[start - 2] == UInt8(ascii: "\r") ? 2 : 1
        }
        bytes.removeSubrange(start..<end)
    }

    private static func start(ofLineAt offset: Int, in bytes: [UInt8]) -> Int {
        bytes[..<offset].lastIndex(of: newline).map { $0 + 1 } ?? (bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0)
    }

    private static let newline = UInt8(ascii: "\n")

    /// A key of an entry cannot be set.
    public struct CannotSet: Error, Equatable, CustomStringConvertible {
        public let key: String
        public let host: String
        /// Why, as a fragment of a sentence.
        public let reason: String

        /// The error where more than the key would change, whatever the positions in the file say.
        static func byAProgram(_ key: String, of host: String) -> CannotSet {
            CannotSet(key: key, host: host, reason: "the file cannot be edited by a program: edit it by hand")
        }

        public var description: String { "cannot set \(key) of \(host.quoted): \(reason)" }
    }
}

extension Document {
    /// Whether both documents have the same values, but for one key of one table.
    func hasSameValues(as other: Document, except key: String, of host: String) -> Bool {
        func values(_ table: Table, without name: String) -> [String: Value] {
            Dictionary(table.entries.filter { $0.key.name != name }.map { ($0.key.name, $0.value) }) { $1 }
        }
        return values(root, without: host) == values(other.root, without: host)
            && values(table(at: [host]), without: key) == values(other.table(at: [host]), without: key)
    }
}
