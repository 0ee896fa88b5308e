/// The log of the container because of which a deployment was rolled back.
///
/// The container itself cannot stay: compose finds its containers by labels, which docker cannot change, so it would
/// take even a renamed one for that of the service, and start or remove it. Its log would go with it.
struct FailedLog {
    let context: StackContext

    /// The number of lines that are kept of each output.
    private static let lineLimit = 1000

    /// Readable by root alone: what a program prints may be private.
    private var path: FilePath {
        Machine.state.appending("stacks").appending(FilePath.Component(escaping: context.stack.name + ".failed.log"))
    }

    /// Keeps the log, before the container is replaced. A rollback goes on without it if docker has none, as with some
    /// logging drivers, or if it cannot be written.
    /// - Returns: a sentence for the report; nil if there is no log.
    func keep(of error: DeploymentError) async -> String? {
        guard let container = error.container,
            let result = try? await context.machine.run(
                DockerCommand.logs(container, lines: Self.lineLimit, hasTimes: true)), result.succeeded
        else { return nil }
        // Docker passes the standard error of the container on as its own; the times tell what came first.
        let written = result.text.nonEmptyLines + String(decoding: result.errors, as: UTF8.self).nonEmptyLines
        let lines = written.enumerated().map { number, text in
            (time: text.prefix { $0 != " " }, number: number, text: text)
        }
        guard !lines.isEmpty else { return nil }
        let text = lines.sorted { ($0.time, $0.number) < ($1.time, $1.number) }.map { "\($0.text)\n" }.joined()
        do { try context.machine.files.replacePrivate(path, with: Array(text.utf8)) } catch { return nil }
        return "What the container wrote is in \(path) on the machine until the next deployment."
    }

    /// Removes the log of a former deployment.
    func remove() throws { try context.machine.files.remove(path) }
}
