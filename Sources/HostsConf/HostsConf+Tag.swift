import PlainText
import TOML

extension HostsConf {
    /// The tag of a host in the text of a file that may have other problems; nil if it has none or the text is not
    /// TOML.
    public static func tag(of host: String, in text: String) -> String? {
        guard let document = try? Document(parsing: text),
            case .string(let tag)? = document.table(at: [host])["tag"]?.content
        else { return nil }
        return tag
    }

    /// The tags of the stacks of a host; see ``tag(of:in:)``.
    public static func stackTags(of host: String, in text: String) -> [String: String] {
        guard let document = try? Document(parsing: text) else { return [:] }
        return tags(document.table(at: [host, "tags"]))
    }

    private static func tags(_ table: Table) -> [String: String] {
        Dictionary(
            table.entries.compactMap { entry in
                if case .string(let tag) = entry.value.content { (entry.key.name, tag) } else { nil }
            }
        ) { $1 }
    }

    /// Sets the tag of a stack in the entry of a host, or removes it; see ``setting(_:of:to:in:file:)``.
    ///
    /// It is changed where it stands: in `tags = { … }`, as `tags.NAME`, or in the table `[HOST.tags]`.
    public static func setting(
        tagOf stack: String, of host: String, to tag: String?, in text: String, file: String = "hosts.conf"
    ) throws -> String {
        let key = "tags.\(stack)"
        try refuseNUL(in: [stack, tag], setting: key, of: host)
        let document = try Document(hostsConf: Array(text.utf8), file: file)
        let section = try Self.section(of: host, in: document, file: file)
        let present = tags(document.table(at: [host, "tags"]))
        if present[stack] == tag { return text }
        var bytes = document.bytes
        let own = document.sections.first { $0.header?.names == [host, "tags"] }
        let inline = section.assignments.first { $0.names == ["tags"] }
        if let own, let assignment = own.assignments.first(where: { $0.names == [stack] }) {
            replace(assignment, with: tag, in: &bytes)
        } else if let own {
            if let tag { insert("\(Writing.key(stack)) = \(Writing.string(tag))", into: own, &bytes) }
        } else if let assignment = section.assignments.first(where: { $0.names == ["tags", stack] }) {
            replace(assignment, with: tag, in: &bytes)
        } else if let inline, case .table(let table) = inline.value.content {
            replace(inline, with: pairs(of: table, setting: stack, to: tag), in: &bytes)
        } else if let tag {
            let isDotted = section.assignments.contains { $0.names.first == "tags" }
            let value = Writing.string(tag), name = Writing.key(stack)
            insert(isDotted ? "tags.\(name) = \(value)" : "tags = { \(name) = \(value) }", into: section, &bytes)
        }
        var wanted = present
        wanted[stack] = tag
        let changed = try Document(hostsConf: bytes, file: file)
        guard changed.hasSameValues(as: document, except: "tags", of: host),
            tags(changed.table(at: [host, "tags"])) == wanted
        else { throw CannotSet.byAProgram(key, of: host) }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The pairs of a table of tags, with another one for a stack.
    private static func pairs(of table: Table, setting stack: String, to tag: String?) -> [String] {
        let present = tags(table)
        var entries = table.entries.map { ($0.key.name, present[$0.key.name]) }.filter { $0.0 != stack }
        if let tag {
            let index = table.entries.firstIndex { $0.key.name == stack } ?? entries.count
            entries.insert((stack, tag), at: index)
        }
        return entries.map { "\(Writing.key($0)) = \(Writing.string($1 ?? ""))" }
    }

    /// Writes an inline table, which has no comments (TOML 1.0), again; one without pairs is removed.
    private static func replace(_ assignment: Assignment, with pairs: [String], in bytes: inout [UInt8]) {
        if pairs.isEmpty {
            removeLines(of: assignment, from: &bytes)
        } else {
            bytes.replaceSubrange(assignment.value.bytes, with: "{ \(pairs.joined(separator: ", ")) }".utf8)
        }
    }
}
