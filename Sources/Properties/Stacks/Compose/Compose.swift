/// Compose, as the machine has it: docker-compose 1.29, compose 2 by the same name, or compose 2 as docker's own command.
struct Compose {
    let stack: Stack
    private let words: [String]

    init(_ stack: Stack, on machine: Machine) throws {
        self.stack = stack
        words =
            try machine.files.status(of: "/usr/bin/docker-compose") == nil ? ["docker", "compose"] : ["docker-compose"]
    }

    /// - Parameter files: where the project is described.
    func command(_ arguments: [String], files: [FilePath], timeout: Duration = .minutes(10)) -> Invocation {
        let options =
            ["--project-name", stack.name, "--project-directory", stack.directory.string]
            + files.flatMap { ["--file", $0.string] }
        return Invocation(words[0], words.dropFirst() + options + arguments, timeout: timeout)
    }
}
