/// An image of the docker engine (docker-image-inspect(1)).
struct FoundImage {
    /// `sha256:…`
    var id: String
    var labels: [String: String]

    fileprivate static let format = "{{json .Id}} {{json .Config.Labels}}"

    /// Asks docker for an image now.
    /// - Returns: nil if the engine has no image of this name.
    /// - Throws: ``Undetermined`` if there is no engine yet.
    static func find(_ image: String, on machine: Machine) async throws -> FoundImage? {
        let command = DockerCommand.inspect(image: image, format: format)
        let result = try await machine.run(command)
        guard result.succeeded else {
            if String(decoding: result.errors, as: UTF8.self).firstRange(of: "No such image") != nil { return nil }
            throw DockerCommand.missingEngine(result) ?? CommandFailure(command: command, result: result)
        }
        guard let found = FoundImage(result.text) else {
            throw Failure(
                "unexpected answer from docker about the image \(image): “\(String(result.text.prefix(200)).escaped)”",
                command: command.description, advice: "Run the command on the machine, and look at what it prints.")
        }
        return found
    }

    /// An image as docker described it before the last change. Docker is asked now if it was not announced.
    /// - Throws: see ``find(_:on:)``.
    static func known(_ image: String, on machine: Machine) async throws -> FoundImage? {
        if let known = try await machine.fact(FoundImages.self)[image] { return known }
        return try await find(image, on: machine)
    }

    /// - Parameter answer: a line of docker with the ``format``.
    fileprivate init?(_ answer: some StringProtocol) {
        let words = String(answer).trimmed.split(separator: " ", maxSplits: 1)
        guard words.count == 2, let id = (try? JSON(parsing: Array(words[0].utf8)))?.string,
            let labels = (try? JSON(parsing: Array(words[1].utf8))).map({ $0.object ?? [:] })
        else { return nil }
        self.id = id
        self.labels = labels.compactMapValues(\.string)
    }
}

/// The images that are declared. One question answers for all of them where the engine has all; of an answer that lacks
/// some docker does not say whose the rest is, so each is asked for then.
struct FoundImages: MachineFact, EarlyFact {
    private let images: [String: FoundImage]

    static func read(from machine: Machine) async throws -> FoundImages {
        let names = machine.expected(of: FoundImages.self)
        guard names.count > 1 else { return FoundImages(images: [:]) }
        let result = try await machine.run(DockerCommand.inspect(images: names, format: FoundImage.format))
        let found = result.text.nonEmptyLines.compactMap { FoundImage($0) }
        guard result.succeeded, found.count == names.count else { return FoundImages(images: [:]) }
        return FoundImages(images: Dictionary(uniqueKeysWithValues: zip(names, found)))
    }

    subscript(name: String) -> FoundImage? { images[name] }
}
