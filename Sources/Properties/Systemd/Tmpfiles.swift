/// Files and directories that systemd makes at boot, and removes when they are old (tmpfiles.d(5)).
///
///     Tmpfiles("app", "d /run/app 0750 app www-data", "e /var/cache/app - - - 30d")
///
/// systemd-tmpfiles must accept the lines before they are put in place, and makes what they name after the run's other
/// changes. A revert removes the file, not what it has made.
public struct Tmpfiles: FileBacked {
    public typealias Target = AnyLinux

    public let id: String
    public let lines: [String]

    /// - Parameters:
    ///   - id: the name of the file without `.conf`: letters, digits, `-`, `_` and `.`.
    ///   - lines: each with a type, a path, and then mode, user, group, age and argument, as far as they are needed.
    public init(_ id: String, _ lines: String...) {
        self.id = id
        self.lines = lines
    }

    public var name: String { "tmpfiles \(id)" }
    public var createsDirectory: Bool { true }

    public var file: File {
        File(path, lines.map { $0 + "\n" }.joined()) {
            // Nothing has the prefix, so the lines are parsed only.
            Invocation("systemd-tmpfiles", ["--create", "--prefix=/nonexistent/propel", $0.string])
        }
    }

    private var path: FilePath { FilePath("/etc/tmpfiles.d/\(id).conf") }

    public func declaration(at place: SourcePlace) -> Declaration {
        var declaration = declaration(at: place, requiring: [])
        declaration.actions = [Create(path: path)]
        return declaration
    }

    public func validate() throws {
        let isName =
            !id.isEmpty && !id.hasPrefix(".")
            && id.utf8.allSatisfy { $0.isASCIILetterOrDigit || "-_.".utf8.contains($0) }
        guard isName else {
            throw Failure("invalid name of tmpfiles “\(id.escaped)”", advice: "Use letters, digits, “-”, “_” and “.”.")
        }
        for line in lines {
            let words = line.split(separator: " ")
            guard words.count > 1, !line.utf8.contains(where: { $0 < 0x20 }),
                words[1].hasPrefix("/") || words[1].hasPrefix("%")
            else {
                throw Failure(
                    "invalid line of tmpfiles \(id): “\(line.escaped)”",
                    advice: "Write a type and an absolute path first: d /run/app 0750 app app.")
            }
        }
        guard !lines.isEmpty else { throw Failure("tmpfiles \(id) has no line", advice: "Give one.") }
    }

    /// Makes what the file names.
    struct Create: Action {
        typealias Target = AnyLinux
        let path: FilePath

        var name: String { "make the files of \(path)" }
        func perform(on machine: Machine) async throws {
            try await machine.run("systemd-tmpfiles", "--create", path.string)
        }
    }
}
