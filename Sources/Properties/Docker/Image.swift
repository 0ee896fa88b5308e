extension Docker {
    /// An image in the docker engine, by its name: built here from a directory, built elsewhere and loaded from an archive, or pulled
    /// from a registry.
    ///
    ///     Docker.Image(pulled: "postgres:15")
    ///     Docker.Image("app:latest", builtFrom: "/srv/app")
    ///     Docker.Image("app:latest", loadedFrom: "/srv/app.tar")
    ///
    /// A build is made to fit a small machine: its steps have a memory limit, it does not begin before there is swap, it keeps the
    /// layers of the steps that succeeded, it is tried again from there when the network has failed, and it tells which step it is at.
    ///
    /// Whether the image is up to date is seen by a label on it that has the hash of everything it was built from: the names,
    /// modes and bytes of the directory, the Dockerfile and the arguments. What a step takes from the network, and newer versions
    /// of the image that it begins with, are not seen.
    public struct Image: Property {
        public typealias Target = DebianLike

        private enum Origin: Sendable {
            case build(ImageBuild)
            case archive(ImageArchive)
            case registry(ImagePull)
        }

        /// With its tag: `app:latest`.
        public let image: String
        private let origin: Origin

        /// An image that is built on the machine.
        ///
        /// The builder is docker's classic one, since BuildKit has no memory limit. What only BuildKit understands in a Dockerfile
        /// (`RUN --mount`, here-documents) does not work with it.
        /// - Parameters:
        ///   - image: its name, with or without a tag; `latest` where there is none.
        ///   - directory: the context, on the machine. What its `.dockerignore` leaves out is no part of the hash, as far as the
        ///     file has no exceptions (`!`) and no character classes; where it has, everything is.
        ///   - dockerfile: below the directory; `Dockerfile` by default.
        ///   - arguments: for the Dockerfile's ARGs. They are seen by anybody on the machine, and in the image: never a secret.
        ///   - target: the stage to build; the last by default.
        ///   - memoryLimit: the most memory that a step may have, beyond which it is swapped out; three quarters of the
        ///     machine's by default, so that the machine itself can go on. nil for no limit.
        ///   - memoryAndSwap: how much memory and swap the machine must have together before a build begins;
        ///     1536 MiB by default, so 1 GiB of swap beside 1 GB of memory will do.
        ///   - timeout: for one attempt; six hours by default.
        public init(
            _ image: String, builtFrom directory: FilePath, dockerfile: String = "Dockerfile",
            arguments: [String: String] = [:],
            target: String? = nil, memoryLimit: SwapFile.Size? = .ofMemory(0.75),
            memoryAndSwap: ByteSize = .mebibytes(1536),
            timeout: Duration = .hours(6)
        ) {
            self.image = image
            origin = .build(
                ImageBuild(
                    image: Self.tagged(image),
                    context: BuildContext(
                        directory: directory, dockerfile: dockerfile, arguments: arguments, target: target),
                    memoryLimit: memoryLimit, memoryAndSwap: memoryAndSwap, timeout: timeout))
        }

        /// An image that was built elsewhere: what `docker save` wrote there is loaded.
        /// - Parameters:
        ///   - image: its name, with or without a tag; `latest` where there is none. The archive must have it under this name,
        ///     or be of one image only.
        ///   - archive: on the machine, compressed or not.
        ///   - id: the image's id (`docker image inspect --format '{{.Id}}'` where it was built). Where it is given, an
        ///     archive with another image is refused, and it need not be read while the image is there.
        public init(_ image: String, loadedFrom archive: FilePath, id: String? = nil) {
            self.image = image
            origin = .archive(ImageArchive(image: Self.tagged(image), path: archive, id: id))
        }

        /// An image of a registry. One that is there is not looked for again: what a tag stands for may change, a digest
        /// (`app@sha256:…`) may not.
        /// - Parameter image: its name, with a tag or a digest; `latest` where there is neither.
        public init(pulled image: String) {
            self.image = image
            origin = .registry(ImagePull(image: Self.tagged(image)))
        }

        private static func tagged(_ image: String) -> String {
            let name = image.split(separator: "/").last ?? ""
            return name.contains(":") ? image : image + ":latest"
        }

        public var name: String { "docker image \(image.escaped)" }

        public var claims: [Claim] {
            switch origin {
            case .build(let build): [Claim("the docker image \(build.image)", is: "built from \(build.context)")]
            case .archive(let archive): [Claim("the docker image \(archive.image)", is: "loaded from \(archive.path)")]
            case .registry(let pull): [Claim("the docker image \(pull.image)", is: "pulled")]
            }
        }

        /// - Throws: ``Failure`` where there is too little memory and swap for a build, or nothing to build from.
        public func check(on machine: Machine) async throws -> Check {
            try validate()
            let checks = try await machine.fact(ImageChecks.self)
            if let known = checks[claims] { return known }
            let check =
                switch origin {
                case .build(let build): try await build.check(on: machine)
                case .archive(let archive): try await archive.check(on: machine)
                case .registry(let pull): try await pull.check(on: machine)
                }
            checks[claims] = check
            return check
        }

        public func apply(on machine: Machine) async throws {
            try validate()
            switch origin {
            case .build(let build): try await build.apply(on: machine)
            case .archive(let archive): try await archive.apply(on: machine)
            case .registry(let pull): try await pull.apply(on: machine)
            }
        }

        private func validate() throws {
            let plain = image.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x61...0x7A).contains($0) || (0x41...0x5A).contains($0)
                    || "._-/:@".utf8.contains($0)
            }
            guard plain, let first = image.utf8.first, first != UInt8(ascii: "-"), first != UInt8(ascii: "."),
                image.utf8.last != UInt8(ascii: ":")
            else {
                throw Failure(
                    "“\(image.escaped)” is no name of an image", advice: "Write it as app:latest or team/app:1.2.")
            }
        }
    }
}

/// An image that the docker engine has (docker-image-inspect(1)).
struct FoundImage {
    /// `sha256:…`
    var id: String
    var labels: [String: String]

    enum Answer {
        case found(FoundImage)
        case absent
        /// There is no engine that could be asked, until that has happened.
        case unknown(until: String)
    }

    static func look(for image: String, on machine: Machine) async throws -> Answer {
        let command = DockerCommand.inspect(image: image, format: "{{json .Id}} {{json .Config.Labels}}")
        let result = try await machine.run(command)
        if result.ending == .notFound { return .unknown(until: "docker is installed") }
        guard result.succeeded else {
            let errors = String(decoding: result.errors, as: UTF8.self)
            if errors.firstRange(of: "No such image") != nil { return .absent }
            if errors.firstRange(of: "Cannot connect to the Docker daemon") != nil {
                return .unknown(until: "docker.service runs")
            }
            throw CommandFailure(command: command, result: result)
        }
        let words = result.text.trimmed.split(separator: " ", maxSplits: 1)
        guard words.count == 2, let id = try JSON(parsing: Array(words[0].utf8)).string else {
            throw CommandFailure(command: command, result: result)
        }
        let labels = try JSON(parsing: Array(words[1].utf8)).object ?? [:]
        return .found(FoundImage(id: id, labels: labels.compactMapValues(\.string)))
    }
}
