/// The arguments that all builds of a configuration have in common.
enum SwiftBuild {
    /// On a terminal SwiftPM has the compiler colour its messages, and modules that were compiled with other arguments
    /// are compiled again: a build from a terminal and one from a pipe would rebuild everything in turn.
    static let colors = "--no-color-diagnostics"

    /// The enforcer is sent to the machines, where its size counts for more than the speed of its loops. The linker
    /// folds functions that are equal, if each has its own section. Debug information would keep variables alive, and
    /// code different, for a debugger.
    static let size = [
        "-Xswiftc", "-Osize", "-Xswiftc", "-gnone", "-Xswiftc", "-Xfrontend", "-Xswiftc", "-function-sections",
    ]

    static let arguments = ["build", "--configuration", "release"] + size + [colors]

    /// The same as words of a shell.
    static let command = "swift " + arguments.joined(separator: " ")
}
