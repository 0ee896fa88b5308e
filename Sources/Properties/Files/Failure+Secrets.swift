extension Failure {
    /// A program that did not accept a file with secrets, without its output: programs quote the line that they do not
    /// accept.
    init(withoutOutputOf failure: CommandFailure, about path: FilePath) {
        self.init(
            "\(path) is invalid; the program's output is not shown, since there are secrets in the file",
            command: failure.command.description, ending: failure.result.ending.description,
            advice: "Run the program on the machine by hand.")
    }
}

/// - Throws: ``Failure`` if everybody may read or change a file with this mode, and there are secrets in it.
func validatePrivate(_ mode: FileMode, of path: FilePath, with secrets: [Secret]) throws {
    guard secrets.isEmpty || mode.bits & 0o007 == 0 else {
        throw Failure(
            "\(path) has secrets in it, and with the mode \(mode) everybody may read or change it",
            advice: "Declare a mode such as 0o600, or 0o640 with the group that reads it.")
    }
}
