import Properties

// docs/writing-a-property.md arrives at this. DocumentationTests holds the page to it.

/// The recipients of mail to a local name (aliases(5)).
///
///     MailAlias("root", to: "anna@example.com").onChange(MailAlias.Rebuild())
///
/// Everything else in `/etc/aliases` stays as it is.
public struct MailAlias: Revertible {
    public typealias Target = DebianLike

    public let alias: String
    public let recipients: [String]

    /// - Parameters:
    ///   - alias: letters, digits and `.`, `_`, `+`, `-`; case does not matter.
    ///   - recipients: local names and addresses, no files or programs.
    public init(_ alias: String, to recipients: String...) {
        self.alias = alias
        self.recipients = recipients
    }

    public var name: String { "mail alias \(alias)" }

    public var claims: [Claim] {
        [Claim("the mail alias \(alias.lowercased())", is: recipients.joined(separator: ", "))]
    }

    /// - Throws: ``Failure`` if the alias or a recipient is invalid.
    public func check(on machine: Machine) async throws -> Check {
        try validate()
        guard try machine.files.status(of: "/usr/sbin/sendmail") != nil else {
            throw Undetermined(until: "a mail server is installed")
        }
        let present = try await machine.fact(AliasFile.self)
        if present.recipients(of: alias) == [recipients] { return .satisfied }
        let wanted = present.replacing(alias, with: [line])
        return .unmet(
            "\(described(present)) → \(recipients.joined(separator: ", "))",
            diff: Diff(from: present.bytes, to: wanted.bytes))
    }

    public func apply(on machine: Machine) async throws {
        try validate()
        // Not the fact: somebody may have written the file since.
        let present = try await AliasFile.read(from: machine)
        try machine.originals.keep(AliasFile.path)
        try present.replacing(alias, with: [line]).write(to: machine)
    }

    public func checkReverted(on machine: Machine) async throws -> Check {
        try validate()
        guard let original = try original(on: machine) else { return .satisfied }
        let present = try await machine.fact(AliasFile.self)
        let former = original.lines(of: alias)
        if present.lines(of: alias) == former { return .satisfied }
        return .unmet("\(described(present)) → \(described(original))")
    }

    public func revert(on machine: Machine) async throws {
        guard let original = try original(on: machine) else { return }
        let present = try await AliasFile.read(from: machine)
        let reverted = present.replacing(alias, with: original.lines(of: alias))
        // If nobody else has changed the file since, the original is restored, with its mode or its absence.
        if reverted == original { return try machine.originals.restore(AliasFile.path) }
        try reverted.write(to: machine)
    }

    private var line: String { "\(alias): \(recipients.joined(separator: ", "))" }

    private func original(on machine: Machine) throws -> AliasFile? {
        try machine.originals.bytes(of: AliasFile.path).map { try AliasFile($0) }
    }

    private func described(_ aliases: AliasFile) -> String {
        let entries = aliases.recipients(of: alias)
        return entries.isEmpty ? "none" : entries.map { $0.joined(separator: ", ") }.joined(separator: " and ")
    }

    public var problems: [String] { problems(in: validate) }

    private func validate() throws {
        func isPlain(_ text: String, _ more: String) -> Bool {
            !text.isEmpty && !text.hasPrefix("-")
                && text.utf8.allSatisfy { $0.isASCIILetterOrDigit || more.utf8.contains($0) }
        }
        guard isPlain(alias, "._+-") else {
            throw Failure("invalid mail alias “\(alias.escaped)”", advice: "Use letters, digits and . _ + -")
        }
        guard !recipients.isEmpty, recipients.allSatisfy({ isPlain($0, "._+-@") }) else {
            throw Failure(
                "invalid recipient of the mail alias \(alias): “\(recipients.joined(separator: "”, “").escaped)”",
                advice: "Give local names or addresses, such as anna@example.com.")
        }
    }

    /// Rebuilds the database that the mail server reads from `/etc/aliases` (newaliases(1)).
    public struct Rebuild: Action {
        public typealias Target = DebianLike

        public init() {}

        public var name: String { "rebuild the mail aliases" }
        public func perform(on machine: Machine) async throws { try await machine.run("newaliases") }
    }
}

/// `/etc/aliases` in logical lines: a line that begins with whitespace continues the line before it (aliases(5)).
struct AliasFile: MachineFact, Equatable {
    static let path: FilePath = "/etc/aliases"

    private var lines: [String] = []

    static func read(from machine: Machine) async throws -> AliasFile {
        try AliasFile(try machine.files.readIfPresent(path) ?? [])
    }

    /// - Throws: ``Failure`` if the bytes are not UTF-8, since they could not be written back unchanged.
    init(_ bytes: [UInt8]) throws {
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw Failure("\(Self.path) is not UTF-8", advice: "Convert it with iconv(1), then run again.")
        }
        for part in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            let line = String(decoding: part, as: UTF8.self)
            if line.hasPrefix(" ") || line.hasPrefix("\t"), let last = lines.indices.last {
                lines[last] += "\n" + line
            } else {
                lines.append(line)
            }
        }
    }

    var bytes: [UInt8] { Array(lines.joined(separator: "\n").utf8) }

    /// The recipients in each entry of this name. There may be more than one entry.
    func recipients(of alias: String) -> [[String]] {
        lines(of: alias).map { line in
            line.drop { $0 != ":" }.dropFirst().split { ", \t\n".contains($0) }.map(String.init)
        }
    }

    func lines(of alias: String) -> [String] { lines.filter { Self.name(in: $0) == alias.lowercased() } }

    /// A copy with these lines instead of all entries of the name: in the place of the first, or at the end.
    func replacing(_ alias: String, with new: [String]) -> AliasFile {
        var copy = self
        let place = lines.firstIndex { Self.name(in: $0) == alias.lowercased() }
        copy.lines.removeAll { Self.name(in: $0) == alias.lowercased() }
        if place == nil, copy.lines.last != "", !new.isEmpty { copy.lines.append("") }
        copy.lines.insert(contentsOf: new, at: place ?? max(0, copy.lines.count - 1))
        return copy
    }

    func write(to machine: Machine) throws {
        let status = try machine.files.status(of: Self.path)
        try machine.files.replace(Self.path, with: bytes, mode: status?.mode ?? 0o644, owner: status?.owner ?? .root)
    }

    private static func name(in line: String) -> String? {
        guard !line.hasPrefix("#"), let colon = line.firstIndex(of: ":") else { return nil }
        return line[..<colon].filter { !" \t\"".contains($0) }.lowercased()
    }
}
