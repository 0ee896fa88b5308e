/// An image of the docker engine (docker-image-inspect(1)).
struct FoundImage {
    /// `sha256:…`
    var id: String
    var labels: [String: String]

    /// - Returns: nil if the engine has no image of this name.
    /// - Throws: ``Undetermined`` if there is no engine yet.
    static func find(_ image: String, on machine: Machine) async throws -> FoundImage? {
        let command = DockerCommand.inspect(image: image, format: "{{json .Id}} {{json .Config.Labels}}")
        let result = try await machine.run(command)
        guard result.succeeded else {
            if String(decoding: result.errors, as: UTF8.self).firstRange(of: "No such image") != nil { return nil }
            throw DockerCommand.missingEngine(result) ?? CommandFailure(command: command, result: result)
        }
        let words = result.text.trimmed.split(separator: " ", maxSplits: 1)
        guard words.count == 2, let id = (try? JSON(parsing: Array(words[0].utf8)))?.string,
            let labels = (try? JSON(parsing: Array(words[1].utf8))).map({ $0.object ?? [:] })
        else {
            throw Failure(
                "unexpected answer from docker about the image \(image): “\(String(result.text.prefix(200)).escaped)”",
                command: command.description, advice: "Run the command on the machine, and look at what it prints.")
        }
        return FoundImage(id: id, labels: labels.compactMapValues(\.string))
    }
}
