/// The remains, for a look, of the container because of which a deployment was rolled back: its files as an image, and
/// its log.
///
/// The container itself cannot stay: compose finds its containers by labels, which docker cannot change, so it would
/// take even a renamed one for that of the service, and start or remove it.
struct FailedContainer {
    let context: StackContext

    /// The number of lines that are kept of each output.
    private static let lineLimit = 1000

    private var machine: Machine { context.machine }

    /// Readable by root alone: what a program prints may be private.
    private var log: FilePath { context.stack.record("failed.log") }

    /// Keeps what can be kept, before the container is replaced. A rollback goes on without what cannot.
    /// - Returns: what to tell about it in the report; nil if nothing is kept.
    func keep(of error: DeploymentError) async -> String? {
        guard let container = error.container else { return nil }
        let notes = [await keepFiles(of: container), await keepLog(of: container)].compactMap(\.self)
        return notes.isEmpty ? nil : notes.joined(separator: " ")
    }

    /// Keeps the files as an image, without what has secrets, and without the labels by which compose, and Propel,
    /// would take a container of it for one of the stack.
    private func keepFiles(of container: String) async -> String? {
        guard let found = try? await context.reloadContainers(),
            let name = found.all.first(where: { $0.id == container })?.name
        else { return nil }
        let image = context.images.tag(.failed, name)
        let secret = context.stack.containers.filter { $0.name == name }.flatMap(\.secretKeys.removals)
        let changes = ["LABEL com.docker.compose.project= com.docker.compose.service="] + secret
        guard let result = try? await machine.run(DockerCommand.commit(container, as: image, changes: changes)),
            result.succeeded
        else { return nil }
        return "Its files are in the image \(image) on the machine: docker run --rm -it --entrypoint sh \(image)."
    }

    /// Keeps the log. Docker has none with some logging drivers.
    private func keepLog(of container: String) async -> String? {
        guard
            let result = try? await machine.run(
                DockerCommand.logs(container, lines: Self.lineLimit, hasTimes: true)), result.succeeded
        else { return nil }
        // Docker passes the standard error of the container on as its own; the times tell what came first.
        let written = result.text.nonEmptyLines + String(decoding: result.errors, as: UTF8.self).nonEmptyLines
        let lines = written.enumerated().map { number, text in
            (time: text.prefix { $0 != " " }, number: number, text: text)
        }
        guard !lines.isEmpty else { return nil }
        let text = lines.sorted { ($0.time, $0.number) < ($1.time, $1.number) }.map { "\($0.text)\n" }.joined()
        do { try machine.files.replacePrivate(log, with: Array(text.utf8)) } catch { return nil }
        return "What the container wrote is in \(log) on the machine until the next deployment."
    }

    /// Removes what is kept of a former deployment.
    func remove() async throws {
        try machine.files.remove(log)
        try await context.images.removeFailed()
    }
}

extension SecretKeys {
    /// The instructions of a Dockerfile that remove them from an image.
    fileprivate var removals: [String] {
        variables.map { "ENV \($0.name)=" } + labels.map { "LABEL \"\($0.name)\"=" }
            + (entrypoint.isEmpty ? [] : ["ENTRYPOINT []"]) + (command.isEmpty ? [] : ["CMD []"])
            + (test.isEmpty ? [] : ["HEALTHCHECK NONE"])
    }
}
