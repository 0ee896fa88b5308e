/// A file of `/etc/sudoers.d`, which `visudo` accepts, and which takes from the user who runs Propel no right that the
/// run needs.
protocol SudoersFile: FileBacked {
    /// The name of the file in `/etc/sudoers.d`.
    var fileName: String { get }
    /// The whole file.
    var text: String { get }
}

extension SudoersFile {
    public func declaration(at place: SourcePlace) -> Declaration {
        declaration(at: place, requiring: [Apt.Installed("sudo")])
    }

    var path: FilePath { SudoRules.directory.appending(fileName) }

    public var file: File {
        File(path, text, mode: 0o440) {
            Invocation("visudo", ["--check", "--file=\($0)"])
        }
    }

    /// - Throws: ``Failure`` if the file would have no effect, or take the rights that Propel needs.
    public func check(on machine: Machine) async throws -> Check {
        try validate()
        let check = try await file.check(on: machine)
        try refuseOutranked(on: machine)
        if check != .satisfied { try await refuseLockout(text, on: machine) }
        return check
    }

    public func apply(on machine: Machine) async throws {
        try validate()
        try refuseOutranked(on: machine)
        try await refuseLockout(text, on: machine)
        try await file.apply(on: machine)
    }

    public func checkReverted(on machine: Machine) async throws -> Check {
        let check = try await file.checkReverted(on: machine)
        if check != .satisfied { try await refuseLockoutReverted(on: machine) }
        return check
    }

    public func revert(on machine: Machine) async throws {
        try await refuseLockoutReverted(on: machine)
        try await file.revert(on: machine)
    }

    private func refuseLockoutReverted(on machine: Machine) async throws {
        let original = try machine.originals.bytes(of: path).map { String(decoding: $0, as: UTF8.self) }
        try await refuseLockout(original, on: machine)
    }

    func validateName() throws {
        let isPlain = fileName.unicodeScalars.allSatisfy {
            "a"..."z" ~= $0 || "A"..."Z" ~= $0 || "0"..."9" ~= $0 || $0 == "-" || $0 == "_"
        }
        guard isPlain, !fileName.isEmpty, fileName.utf8.count <= 200 else {
            throw Failure(
                "invalid name of a sudoers file “\(fileName.escaped)”",
                advice: "Use letters, digits, - and _: sudo ignores other files.")
        }
    }
}

extension Sudoers {
    /// A file of `/etc/sudoers.d` with several rules, aliases, or `Defaults` for all (sudoers(5)).
    ///
    ///     Sudoers.Text("timeout", "Defaults timestamp_timeout=15")
    ///
    /// The same holds for it as for ``Sudoers``: `visudo` must accept it, and it is refused if it would take the right
    /// to become root from the user who runs Propel, or if a later file outranks it.
    public struct Text: SudoersFile {
        public typealias Target = DebianLike

        public let fileName: String
        public let text: String

        /// - Parameters:
        ///   - fileName: the name of the file: letters, digits, `-` and `_`. sudo ignores files with a dot.
        ///   - text: the whole file; a newline is added to its last line if it has none.
        public init(_ fileName: String, _ text: String) {
            self.fileName = fileName
            self.text = text.endsInNewline ? text : text + "\n"
        }

        public var name: String { "sudoers \(fileName)" }

        public func validate() throws {
            try validateName()
            guard !text.trimmed.isEmpty, !text.utf8.contains(0) else {
                throw Failure("\(name) is empty, or has a NUL in it", advice: "Write lines as in sudoers(5).")
            }
        }
    }
}
