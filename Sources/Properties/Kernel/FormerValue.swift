/// A value before Propel first changed it, for a revert: of the running kernel, whose files in /proc cannot be restored
/// like others, or of an ACL.
struct FormerValue {
    /// The name of the parameter, `kernel.hostname`, or another one that begins with its kind.
    let name: String
    let machine: Machine

    /// The value; nil if it was never changed.
    func read() throws -> String? {
        try machine.files.readIfPresent(path).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Stores the value, unless one is stored already.
    func keep(_ value: String) throws {
        guard try machine.files.status(of: path) == nil else { return }
        try machine.files.replacePrivate(path, with: Array(value.utf8))
    }

    func forget() throws { try machine.files.remove(path) }

    private var path: FilePath {
        Machine.state.appending("running-values").appending(escaping: name)
    }
}
