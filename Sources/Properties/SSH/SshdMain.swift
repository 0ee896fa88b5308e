/// The main file of sshd, as far as the drop-ins need it: they are included before its own settings, and what they
/// declare of ports and users counts alone.
struct SshdMain: Revertible, HostDependent, Guarded {
    typealias Target = DebianLike

    static let include = "Include /etc/ssh/sshd_config.d/*.conf"
    /// The beginning of a line that is out of use while a drop-in declares something else.
    private static let mark = "# replaced by a drop-in of Propel: "

    /// The keywords whose lines are out of use.
    private(set) var keywords: Set<String> = []

    func adapted(to steps: [Step]) -> SshdMain {
        var main = self
        for case let dropIn as SshdDropIn in steps.map(\.property) { main.keywords.formUnion(dropIn.limitingKeywords) }
        return main
    }

    var name: String { "sshd_config includes its drop-ins first" }

    func check(on machine: Machine) async throws -> Check { try await edit.check(on: machine) }

    func apply(on machine: Machine) async throws {
        try machine.makeSshdDirectory()
        try await edit.apply(on: machine)
    }

    func checkReverted(on machine: Machine) async throws -> Check { try await edit.checkReverted(on: machine) }
    func revert(on machine: Machine) async throws { try await edit.revert(on: machine) }

    private var edit: TextEdit {
        TextEdit(
            path: SshdConfiguration.main, createsFile: true,
            validation: { Invocation(SshdDropIn.program, ["-t", "-f", $0.string]) }, change: put,
            undo: { lines, original in
                SshdMain().put(&lines)
                let hadInclude = original.all.contains { Self.isInclude($0) }
                if !hadInclude { lines.remove(lines.indices.filter { Self.isInclude(lines[$0]) }) }
            })
    }

    /// Makes the line for the drop-ins the first setting, and takes the lines of the keywords out of use.
    func put(_ lines: inout TextLines) {
        let settings = lines.indices.prefix { SshdConfiguration.words(lines[$0])?.keyword != "match" }
        for index in settings {
            if let former = Self.former(lines[index]) {
                guard let keyword = SshdConfiguration.words(former)?.keyword, !keywords.contains(keyword) else {
                    continue
                }
                lines.replace(index, with: former)
            } else if let keyword = SshdConfiguration.words(lines[index])?.keyword, keywords.contains(keyword) {
                lines.replace(index, with: Self.mark + lines[index])
            }
        }
        let first = settings.first { SshdConfiguration.words(lines[$0]) != nil }
        if let first, Self.isInclude(lines[first]) { return }
        let includes = settings.filter { Self.isInclude(lines[$0]) }
        lines.remove(includes)
        lines.insert(Self.include, at: first ?? settings.endIndex)
    }

    private static func former(_ line: String) -> String? {
        line.hasPrefix(mark) ? String(line.dropFirst(mark.count)) : nil
    }

    private static func isInclude(_ line: String) -> Bool {
        guard let (keyword, value) = SshdConfiguration.words(line), keyword == "include" else { return false }
        return ["/etc/ssh/sshd_config.d/*.conf", "sshd_config.d/*.conf"].contains(value)
    }
}

extension Machine {
    /// Creates the directory without which sshd checks nothing. The unit of sshd creates it at its start, so it is
    /// missing where a socket starts sshd, and in a fresh container.
    func makeSshdDirectory() throws {
        let path: FilePath = "/run/sshd"
        if try files.status(of: path) == nil { try files.createDirectory(path, mode: 0o755, owner: .root) }
    }
}
