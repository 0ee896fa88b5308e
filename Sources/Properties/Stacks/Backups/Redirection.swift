extension Invocation {
    /// The invocation with its output in a new file that only root can read, instead of in memory.
    func writing(to file: FilePath) -> Invocation {
        redirected(#"umask 077; file=$1; shift; exec "$@" > "$file""#, file)
    }

    /// The invocation with a file as its standard input.
    func reading(_ file: FilePath) -> Invocation { redirected(#"file=$1; shift; exec "$@" < "$file""#, file) }

    private func redirected(_ line: String, _ file: FilePath) -> Invocation {
        Invocation(
            "/bin/sh", ["-c", line, "sh", file.string, program] + arguments, environment: environment, timeout: timeout)
    }
}
