extension Docker {
    /// A named image in the docker engine: built on the machine, loaded from an archive, or pulled from a registry.
    ///
    ///     Docker.Image(pulled: "postgres:15")
    ///     Docker.Image("app:latest", builtFrom: "/srv/app")
    ///     Docker.Image("app:latest", loadedFrom: "/srv/app.tar")
    ///
    /// Builds suit a small machine: steps have a memory limit, a build does not begin before there is enough swap,
    /// layers of steps that succeeded are kept, a build that fails because of the network is retried from there, and
    /// the report shows the step that is running.
    ///
    /// A label of the image holds a hash of everything that it was built from: the names, modes and bytes of the files
    /// in the directory, the Dockerfile and the arguments. Downloads in a step and newer versions of the base image are
    /// not seen.
    ///
    /// ``Docker/ImagesPruned`` removes images that nothing uses.
    public struct Image: Batchable {
        public typealias Target = DebianLike

        private enum Origin: Sendable {
            case build(ImageBuild)
            case archive(ImageArchive)
            case registry(ImagePull)
        }

        /// The name with its tag: `app:latest`.
        public let image: String
        private let origin: Origin

        /// An image that is built on the machine.
        ///
        /// The builder is docker's classic one, since BuildKit has no memory limit. A Dockerfile that the classic one
        /// cannot build (`RUN --mount`, here-documents, another `# syntax`) is built with BuildKit; where the command
        /// of docker lacks that, declare ``Docker/BuildKit`` before. So is one that reads `TARGETARCH` and its kind, if
        /// BuildKit is there.
        /// - Parameters:
        ///   - image: the name, with or without a tag; `latest` by default.
        ///   - directory: the build context, on the machine. Files that its `.dockerignore` excludes do not count in
        ///     the hash, unless that file has exceptions (`!`) or character classes: then all files count.
        ///   - dockerfile: relative to the directory; `Dockerfile` by default.
        ///   - arguments: values of the Dockerfile's ARGs. Anybody on the machine can read them, and they stay in the
        ///     image: no secrets.
        ///   - target: the stage to build; the last by default.
        ///   - memoryLimit: the most memory that a step uses before it is swapped out; three quarters of the machine's
        ///     by default, so that other programs keep running. nil for no limit. BuildKit ignores it.
        ///   - memoryAndSwap: the sum of memory and swap that the machine must have before a build begins; 1536 MiB by
        ///     default, so 1 GiB of swap beside 1 GB of memory is enough.
        ///   - timeout: the limit of one attempt; six hours by default.
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

        /// An image that was built elsewhere and written with `docker save`.
        /// - Parameters:
        ///   - image: the name, with or without a tag; `latest` by default. The archive must contain it under this
        ///     name, or contain one image only.
        ///   - archive: on the machine, compressed or not.
        ///   - id: the ID of the image (`docker image inspect --format '{{.Id}}'` where it was built). If it is given,
        ///     an archive with another image is refused, and the archive is not read while the image is there.
        public init(_ image: String, loadedFrom archive: FilePath, id: String? = nil) {
            self.image = image
            origin = .archive(ImageArchive(image: Self.tagged(image), path: archive, id: id))
        }

        /// An image of a registry. An image that is there is not pulled again, even if its tag has moved since: use a
        /// digest (`app@sha256:…`) for a fixed image.
        /// - Parameters:
        ///   - image: the name, with a tag or a digest; `latest` by default.
        ///   - platform: such as `linux/amd64`, where the image has several; that of the machine by default.
        public init(pulled image: String, platform: String? = nil) {
            self.image = image
            origin = .registry(ImagePull(image: Self.tagged(image), platform: platform))
        }

        private static func tagged(_ image: String) -> String {
            let name = image.split(separator: "/").last ?? ""
            return name.contains(":") ? image : image + ":latest"
        }

        public var name: String { "docker image \(image.escaped)" }

        public func announce(to machine: Machine) {
            if Self.isName(image) { machine.expect(Self.tagged(image), of: FoundImages.self) }
        }

        public var claims: [Claim] {
            switch origin {
            case .build(let build): [Claim("the docker image \(build.image)", is: "built from \(build.context)")]
            case .archive(let archive): [Claim("the docker image \(archive.image)", is: "loaded from \(archive.path)")]
            case .registry(let pull):
                [Claim("the docker image \(pull.image)", is: "pulled" + (pull.platform.map { " for \($0)" } ?? ""))]
            }
        }

        /// - Throws: ``Failure`` if there is too little memory and swap for a build, or nothing to build from, or if
        ///   the Dockerfile needs BuildKit and the machine lacks it.
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

        public var batch: String {
            if case .registry = origin { "images of registries" } else { "the docker image \(image)" }
        }

        /// Pulls images of registries several at a time.
        public func apply(with others: [any Batchable], on machine: Machine) async throws {
            try validate()
            switch origin {
            case .build(let build): try await build.apply(on: machine)
            case .archive(let archive): try await archive.apply(on: machine)
            case .registry(let pull):
                let pulls = others.compactMap { other -> ImagePull? in
                    guard case .registry(let pull) = (other as? Image)?.origin else { return nil }
                    return pull
                }
                try await ImagePull.apply([pull] + pulls, on: machine)
            }
        }

        public var problems: [String] { problems(in: validate) }

        /// Whether docker takes a string for the name of an image, with or without a tag or digest.
        static func isName(_ image: String) -> Bool {
            guard let first = image.utf8.first, let last = image.utf8.last else { return false }
            return !"-.".utf8.contains(first) && last != UInt8(ascii: ":")
                && image.utf8.allSatisfy { $0.isASCIILetterOrDigit || "._-/:@".utf8.contains($0) }
        }

        private func validate() throws {
            guard Self.isName(image) else {
                throw Failure(
                    "invalid image name “\(image.escaped)”", advice: "Write it as app:latest or team/app:1.2.")
            }
        }
    }
}
