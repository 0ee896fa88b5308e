/// Rights of further users and groups on a file or a directory (acl(5)).
///
///     ACL(on: "/srv/media", .user("anna", "rwx"), .group("media", "r-x"))
///     ACL(on: "/srv/media", .user("anna", "rwx"), inherited: [.user("anna", "rwx")])
///
/// Rights of others stay. What is `inherited` is what new files in a directory get. The rights of the group in the mode
/// of the path are the mask of all of these, and become what they need: where the path is declared with a mode too,
/// give it one that has them, such as 0770. The package acl is installed first, and one question answers for all paths.
/// A revert takes the rights away, and what setfacl(1) has added: where nothing was inherited before, nothing is. A
/// path in a directory that others than root can write in is refused.
public struct ACL: Revertible {
    public typealias Target = DebianLike

    public let path: FilePath
    public let entries: [Entry]
    public let inherited: [Entry]

    /// - Parameters:
    ///   - path: absolute: a file or a directory, which must exist or be declared before. No symbolic link.
    ///   - entries: the rights.
    ///   - inherited: the rights on new files in the directory; none by default.
    public init(on path: FilePath, _ entries: Entry..., inherited: [Entry] = []) {
        self.path = path
        self.entries = entries
        self.inherited = inherited
    }

    /// A user or a group, and its rights.
    public struct Entry: Sendable, Hashable {
        public let name: String
        public let isGroup: Bool
        /// Letters of `rwx`.
        public let rights: String

        /// - Parameters:
        ///   - name: the name of a user, who must exist or be declared before.
        ///   - rights: letters of `rwx`; a `-` stands for none.
        public static func user(_ name: String, _ rights: String) -> Entry {
            Entry(name: name, isGroup: false, rights: rights)
        }

        /// - Parameters:
        ///   - name: the name of a group, which must exist or be declared before.
        ///   - rights: letters of `rwx`; a `-` stands for none.
        public static func group(_ name: String, _ rights: String) -> Entry {
            Entry(name: name, isGroup: true, rights: rights)
        }

        var who: String { "\(isGroup ? "group" : "user") \(name)" }
        /// `rwx` with a `-` in the place of each right that is missing.
        var form: String { ["r", "w", "x"].map { rights.contains($0) ? $0 : "-" }.joined() }
    }

    public var name: String { "ACL of \(path) for \(all.map(\.entry.who).joined(separator: ", "))" }
    public var problems: [String] { problems(in: validate) }
    public var claims: [Claim] {
        all.map { entry, isInherited in
            Claim("the rights of the \(entry.who) \(isInherited ? "in" : "on") \(path)", is: entry.form)
        }
    }

    private var all: [(entry: Entry, isInherited: Bool)] {
        entries.map { ($0, false) } + inherited.map { ($0, true) }
    }

    public func declaration(at place: SourcePlace) -> Declaration {
        declaration(at: place, requiring: [Apt.Installed("acl")])
    }

    public func announce(to machine: Machine) { machine.expect(path.string, of: ACLState.self) }

    /// - Throws: ``Undetermined`` if the path, a user or a group does not exist yet; ``Failure`` if others than root
    ///   could put a link in the place of the path.
    public func check(on machine: Machine) async throws -> Check {
        try validate()
        try requirePath(on: machine)
        let present = try await machine.fact(ACLState.self)
        var reasons: [String] = []
        for (entry, isInherited) in all {
            let key = try await key(of: entry, isInherited: isInherited, on: machine)
            let found = present.rights(of: key, on: path) ?? "none"
            guard found != entry.form else {
                let mask = present.rights(of: isInherited ? "default:mask:" : "mask:", on: path) ?? "rwx"
                if entry.form.contains(where: { $0 != "-" && !mask.contains($0) }) {
                    reasons.append("mask \(mask), which cuts the rights of the \(entry.who)")
                }
                continue
            }
            reasons.append("\(entry.who)\(isInherited ? ", inherited" : ""): \(found) → \(entry.form)")
        }
        return .unmet(unlessEmpty: reasons)
    }

    public func apply(on machine: Machine) async throws {
        try validate()
        try requirePath(on: machine)
        var words: [String] = []
        for (entry, isInherited) in all {
            words.append("\(try await key(of: entry, isInherited: isInherited, on: machine)):\(entry.form)")
        }
        if !inherited.isEmpty {
            try former(on: machine).keep(
                try await machine.fact(ACLState.self).isInherited(from: path) ? Self.inheriting : "nothing")
        }
        try await machine.succeed(
            Invocation("setfacl", ["--modify", words.joined(separator: ","), "--", path.string]))
    }

    /// Whether new files in the directory inherited rights before: setfacl adds entries of the owner and the group.
    private func former(on machine: Machine) -> FormerValue {
        FormerValue(name: "acl \(path)", machine: machine)
    }
    private static let inheriting = "inherited rights"

    public func checkReverted(on machine: Machine) async throws -> Check {
        try validate()
        guard try machine.files.status(of: path) != nil else { return .satisfied }
        try requirePath(on: machine)
        let left = try await granted(on: machine)
        return .unmet(unlessEmpty: left.isEmpty ? [] : ["take away the rights of \(left.joined(separator: ", "))"])
    }

    public func revert(on machine: Machine) async throws {
        try requirePath(on: machine)
        let keys = try await granted(on: machine), present = try await machine.fact(ACLState.self)
        let others = present.named(on: path).subtracting(keys)
        let isMaskLeft = !others.contains { !$0.hasPrefix(ACLState.inheritance) }
        let inheritsOthers = others.contains { $0.hasPrefix(ACLState.inheritance) }
        let former = former(on: machine), inheritedBefore = try former.read().map { $0 == Self.inheriting } ?? true
        try await machine.succeed(
            Invocation(
                "setfacl",
                ["--remove", (keys + (isMaskLeft ? ["mask::"] : [])).joined(separator: ",")]
                    + (inheritedBefore || inheritsOthers ? [] : ["--remove-default"]) + ["--", path.string]))
        try former.forget()
    }

    /// The declared entries that are there, as setfacl(1) names them.
    private func granted(on machine: Machine) async throws -> [String] {
        let present = try await machine.fact(ACLState.self)
        var keys: [String] = []
        for (entry, isInherited) in all {
            guard let key = try? await key(of: entry, isInherited: isInherited, on: machine) else { continue }
            if present.rights(of: key, on: path) != nil { keys.append(key) }
        }
        return keys
    }

    /// `user:1000`, `default:group:33`: a name could be that of another one in a container.
    private func key(of entry: Entry, isInherited: Bool, on machine: Machine) async throws -> String {
        let id = entry.isGroup ? try await machine.group(entry.name)?.id : try await machine.user(entry.name)?.id
        guard let id else { throw Undetermined(until: "there is a \(entry.who)") }
        return "\(isInherited ? "default:" : "")\(entry.isGroup ? "group" : "user"):\(id)"
    }

    private func requirePath(on machine: Machine) throws {
        try machine.refuseReplaceable(path)
        guard let found = try machine.files.status(of: path) else {
            throw Undetermined(until: "something before it makes \(path)")
        }
        guard found.kind == .directory || found.kind == .file && inherited.isEmpty else {
            throw Failure(
                "\(path) is a \(found.kind.rawValue)",
                advice: found.kind == .file
                    ? "Only what is in a directory is inherited." : "Name a file or a directory.")
        }
    }

    private func validate() throws {
        try validateAbsolute(path)
        guard !path.string.utf8.contains(where: { $0 < 0x20 }) else {
            throw Failure("\(path.string.escaped) cannot have an ACL", advice: "Choose a path without newlines.")
        }
        for (entry, _) in all {
            try AccountName.validate(entry.name, of: entry.isGroup ? "group" : "user")
            guard !entry.rights.isEmpty, entry.rights.allSatisfy({ "rwx-".contains($0) }) else {
                throw Failure(
                    "invalid rights “\(entry.rights.escaped)” of the \(entry.who) on \(path)",
                    advice: "Use r, w, x and -.")
            }
        }
        let subjects = Set(all.map { "\($0.entry.who) \($0.isInherited)" })
        guard !all.isEmpty, subjects.count == all.count else {
            throw Failure("the ACL of \(path) is empty, or has somebody twice", advice: "Give each once.")
        }
    }
}

/// The ACLs of the paths that are declared with one (getfacl(1)). One question answers for all of them.
struct ACLState: MachineFact {
    /// By the path: the rights by `user:1000`, `default:group:33`.
    private var paths: [String: [String: String]] = [:]

    /// - Throws: ``Undetermined`` if the package acl is not installed.
    static func read(from machine: Machine) async throws -> ACLState {
        guard try machine.files.status(of: "/usr/bin/getfacl") != nil else {
            throw Undetermined(until: "acl is installed")
        }
        let declared = try machine.expected(of: ACLState.self).filter {
            let kind = try machine.files.status(of: FilePath($0))?.kind
            return kind == .file || kind == .directory
        }
        var state = ACLState(), path = ""
        guard !declared.isEmpty else { return state }
        let question = Invocation("getfacl", ["--absolute-names", "--numeric", "--"] + declared)
        for line in try await machine.succeed(question).text.nonEmptyLines.map(String.init) {
            if line.hasPrefix("# file: ") { path = unescaped(String(line.dropFirst("# file: ".count))) }
            guard !line.begins(with: "#") else { continue }
            // “user:1000:rwx	#effective:r-x”
            let entry = line.split(separator: "\t")[0].trimmed
            guard let end = entry.lastIndex(of: ":") else { continue }
            state.paths[path, default: [:]][String(entry[..<end])] = String(entry[entry.index(after: end)...])
        }
        return state
    }

    /// getfacl writes other bytes than those of a plain name as `\040`.
    private static func unescaped(_ text: String) -> String {
        var bytes: [UInt8] = [], rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            let digits = rest.prefix(3)
            guard byte == UInt8(ascii: "\\"), digits.count == 3,
                let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 8)
            else {
                bytes.append(byte)
                continue
            }
            bytes.append(value)
            rest = rest.dropFirst(3)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    func rights(of key: String, on path: FilePath) -> String? { paths[path.string]?[key] }

    static let inheritance = "default:"

    /// The keys of the entries of users and groups with a name.
    func named(on path: FilePath) -> Set<String> { Set((paths[path.string] ?? [:]).keys.filter { !$0.hasSuffix(":") }) }

    func isInherited(from path: FilePath) -> Bool {
        paths[path.string]?.keys.contains { $0.hasPrefix(Self.inheritance) } ?? false
    }
}
